"""The RSA key that every project signs with: made once by the run, so that start-up does not pay for it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


def make(file: Path) -> None:
    """Write a new private key; ``BENCHMARKS_KEY`` tells the measured processes where it is."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@cache
def private_pem() -> str:
    return Path(os.environ["BENCHMARKS_KEY"]).read_text()


def public_pem() -> str:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(private_pem().encode(), password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public.decode()
