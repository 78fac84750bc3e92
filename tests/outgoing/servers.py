"""Servers on loopback that answer as a test says, byte for byte, on real sockets."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[socket.socket], None]
"""What a server does with one connection, after it has read the request."""


class Server:
    """Answers the n-th request with the n-th answer, the last one again and again; keeps the requests."""

    def __init__(
        self,
        *answers: bytes | Answer,
        host: str = "127.0.0.1",
        tls: Path | None = None,
        reads_first: bool = True,
    ) -> None:
        self._answers = answers
        self._tls = tls
        self._reads_first = reads_first
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[str] = []
        self.connections = 0
        self.closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        self.closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with suppress(OSError), near:
            if self._tls is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self._tls)
                near = context.wrap_socket(near, server_side=True)
            with near:
                request = _read(near) if self._reads_first else b""
                self.requests.append(request.decode())
                answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
                near.sendall(answer) if isinstance(answer, bytes) else answer(near)


def _read(near: socket.socket) -> bytes:
    """One request with its body: a socket closed with something unread resets the connection."""
    with near.makefile("rb") as wire:
        lines = list(iter(wire.readline, b"\r\n"))
        lengths = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
        return b"".join(lines) + b"\r\n" + wire.read(sum(lengths))


@contextmanager
def serving(
    *answers: bytes | Answer, host: str = "127.0.0.1", tls: Path | None = None, reads_first: bool = True
) -> Iterator[Server]:
    server = Server(*answers, host=host, tls=tls, reads_first=reads_first)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def unanswering(*hosts: str) -> Iterator[int]:
    """A port at which these addresses neither take a connection nor refuse one: the queue for them is full."""
    port = 0
    with ExitStack() as stack:
        for host in hosts:
            listener = stack.enter_context(socket.socket())
            listener.bind((host, port))
            port = listener.getsockname()[1]
            listener.listen(0)
            for _ in range(3):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((host, port))
        yield port


def answer(body: bytes = b'{"hello": "world"}', status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP answer, after which the connection ends."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def drip(data: bytes, pause: float) -> Answer:
    """Byte by byte, each in good time; whoever waits for all of it waits long."""

    def send(near: socket.socket) -> None:
        for byte in data:
            near.sendall(bytes([byte]))
            threading.Event().wait(pause)

    return send


def silence(near: socket.socket) -> None:
    """Nothing, until the other side gives up."""
    near.recv(1)


def hang_up(near: socket.socket) -> None:
    """The connection ends before an answer."""


def certificate(folder: Path, name: str) -> Path:
    """A file with a certificate for ``name`` that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName(name)]
    with suppress(ValueError):
        alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
