"""Stands in for a core that supertokens-python asks for the key set: it gives ours, and knows nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks import keys

KID = "d-1700000000000"


@contextmanager
def running() -> Iterator[str]:
    """Serve on loopback meanwhile; gives the address."""
    answer = _key_set()

    class Core(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.path.endswith("/.well-known/jwks.json")
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Core)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _key_set() -> bytes:
    from jwt.algorithms import RSAAlgorithm

    key = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(keys.public_pem())
    jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
    return json.dumps({"keys": [{**jwk, "kid": KID, "alg": "RS256", "use": "sig"}]}).encode()
