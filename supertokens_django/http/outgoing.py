"""Requests to servers that others run: bounded in time and size, and never to an address that is not public.

Needs ``requests`` (the extra ``thirdparty``), so that only what sends requests imports this module.  A session combines
with other subclasses of ``requests.Session``, with Authlib's for instance::

    class ProviderSession(OutgoingSession, OAuth2Session): ...

What such a server must not be able to do is described in the OWASP cheat sheet on server-side request forgery:
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import io
import json
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests import Session as HTTPSession  # a Session is a row, here
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, SSLError
from urllib3.util.connection import create_connection

from supertokens_django import clock, conf
from supertokens_django.http import deadline
from supertokens_django.http.addresses import is_permitted
from supertokens_django.http.conf import OutgoingConf

IDEMPOTENT = ("GET", "HEAD")
TEMPORARY = (502, 503, 504)
"""Answers of a gateway whose server is away for a moment; worth a second attempt."""
CHUNK = 16 * 1024
ENCODINGS = ("", "identity", "gzip")
DEFAULT_PORTS = {"http": 80, "https": 443}


class OutgoingError(Exception):
    """A request got no usable answer.  ``reason`` says why, without paths, parameters or secrets.

    ``host`` is the server's name; ``status`` its HTTP status where it answered with one that is no success.
    """

    def __init__(self, reason: str, *, host: str = "", status: int | None = None) -> None:
        super().__init__(f"{host or 'the server'} {reason}")
        self.reason = reason
        self.host = host
        self.status = status


class _Refused(OSError):
    """A name has no address that may be connected to.  No ``HTTPError``: urllib3 makes others of those."""


class _Discreet(logging.Filter):
    """Says nothing of these requests: urllib3 logs their URLs with all parameters, and a token may be one."""

    def filter(self, record: logging.LogRecord) -> bool:
        return deadline.current() is None


logging.getLogger("urllib3.connectionpool").addFilter(_Discreet())


# Connections


def _connect(connection: HTTPConnection) -> socket.socket:
    """Resolve the name once, and connect to what was judged: a second look-up might give another address."""
    host, port = connection.host, connection.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    settings = conf.section(OutgoingConf)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not settings.permits_all_addresses:
        addresses = [one for one in addresses if is_permitted(one, settings.permitted_networks)]
    if not addresses:
        raise _Refused
    try:
        return connect_to_any(addresses, port, float(connection.timeout or 0), connection.socket_options)
    except TimeoutError:
        raise
    except OSError as error:
        raise NewConnectionError(connection, "no address could be connected to") from error


def connect_to_any(
    addresses: Sequence[str], port: int, timeout: float, socket_options: Any = None
) -> socket.socket:
    """A connection to the first address that takes one, within ``timeout`` seconds for all of them together.

    A name may have as many addresses as its owner likes, and none that answers.

    Raises:
        OSError: none does; a ``TimeoutError`` where one did not answer in time.
    """
    end = clock.monotonic() + timeout
    failure: OSError = TimeoutError()
    for address in addresses:
        if (left := end - clock.monotonic()) <= 0:
            raise TimeoutError from failure
        try:
            return create_connection((address, port), left, socket_options=socket_options)
        except OSError as error:
            failure = error
    raise failure


class _Guarded(HTTPConnection):
    """A connection that is made to a permitted address only, and that ends at the deadline."""

    def _new_conn(self) -> socket.socket:
        # Through a proxy the address is the proxy's, which the project has named itself.
        connected = super()._new_conn() if self.proxy is not None else _connect(self)
        _end_at_deadline(connected)
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        if (kept := getattr(self, "sock", None)) is not None:
            _end_at_deadline(kept)
        super().request(*args, **kwargs)


class _GuardedTLS(_Guarded, HTTPSConnection):
    """The same with TLS; the certificate is compared with the name, not with the address."""


def _end_at_deadline(connected: socket.socket) -> None:
    if (watch := deadline.current()) is not None:
        watch.over(connected)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTLS


class _Adapter(HTTPAdapter):
    """Sends by guarded connections, and reads the whole answer unless it is too large."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(request, *args, **{**kwargs, "stream": True})
        limit = conf.section(OutgoingConf).max_response_bytes
        if response.headers.get("Content-Encoding", "").strip().lower() not in ENCODINGS:
            response.raw.close()  # each of several layers may be a thousand times as large as the one around it
            raise OutgoingError(
                "answered in an encoding that was not asked for", host=_host(str(request.url))
            )
        body = bytearray()
        try:
            for chunk in response.raw.stream(CHUNK, decode_content=True):
                body += chunk
                if len(body) > limit:
                    raise OutgoingError(
                        f"answered with more than {limit} bytes", host=_host(str(request.url))
                    )
        except BaseException:
            response.raw.close()  # what is left must not be taken for the beginning of the next answer
            raise
        response.raw.release_conn()
        response.raw = io.BytesIO(body)
        return response


# Sessions


class OutgoingSession(HTTPSession):
    """A ``requests.Session`` for servers that are not ours; ``SUPERTOKENS["OUTGOING"]`` has its bounds.

    Every failure to get an answer is an :class:`OutgoingError`; an answer with an error status is an answer.  Cookies
    are not kept, ``.netrc`` and the proxies of the environment are not heeded.  Name look-ups are as slow as the
    resolver of the system.  One session must not be used by two threads at once.
    """

    MAX_REDIRECTS: ClassVar[int] = 3

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = conf.section(OutgoingConf)
        self.trust_env = False
        self.max_redirects = self.MAX_REDIRECTS
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers.update(
            {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "supertokens-django"}
        )
        self.verify = settings.ca_bundle or True
        if settings.proxy:
            self.proxies = {"http": settings.proxy, "https": settings.proxy}
        for prefix in ("https://", "http://"):
            self.mount(prefix, _Adapter())

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request and read the whole answer.

        Raises:
            OutgoingError: there is no answer, or it is none to be had: too late, too large, from elsewhere.
        """
        text = url.decode() if isinstance(url, bytes) else url
        return self._bounded(text, lambda: super(OutgoingSession, self).request(method, url, *args, **kwargs))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a prepared request, once more where that is harmless and may help; raises as :meth:`request`."""
        return self._bounded(str(request.url), lambda: self._send_twice(request, kwargs))

    def get_json(self, url: str, **kwargs: Any) -> Any:
        """The JSON that a GET is answered with.

        Raises:
            OutgoingError: as :meth:`request`; also where the status is no success or the body is not JSON.
        """
        return json_of(self.get(url, **kwargs))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where ``requests`` shall go on: to the same server only, and only with a request that changes nothing."""
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        here = str(resp.url)
        there = urlsplit(requests.compat.urljoin(here, target))
        if resp.request.method not in IDEMPOTENT or _server(there) != _server(urlsplit(here)):
            raise OutgoingError("redirected elsewhere", host=_host(here), status=resp.status_code)
        return target

    def _send_twice(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        settings = conf.section(OutgoingConf)
        if urlsplit(str(request.url)).scheme != "https" and not settings.permits_http:
            raise OutgoingError("is not asked without TLS", host=_host(str(request.url)))
        watch = deadline.current()
        attempts = 2 if request.method in IDEMPOTENT else 1
        while True:
            attempts -= 1
            seconds = settings.timeout.total_seconds()
            kwargs["timeout"] = min(seconds, watch.remaining) if watch else seconds
            try:
                response = super().send(request, **kwargs)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, HTTPError) as error:
                if not attempts or (watch and watch.is_over) or not _is_worth_another(error):
                    raise
            else:
                if not attempts or response.status_code not in TEMPORARY:
                    return response

    def _bounded(self, url: str, send: Callable[[], requests.Response]) -> requests.Response:
        """Make one kind of error of all of them.

        It is raised when the other one is forgotten: that one knows the URL with its parameters.
        """
        with deadline.watched(conf.section(OutgoingConf).deadline.total_seconds()) as watch:
            try:
                response = send()
                if not watch.is_over:
                    return response
                reason = "took too long"
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                reason = "took too long" if watch.is_over else _reason(error)
        raise OutgoingError(reason, host=_host(url))


def json_of(response: requests.Response) -> Any:
    """The JSON of a successful answer.

    Raises:
        OutgoingError: the status is no success, or the body is not JSON.
    """
    host, status = _host(str(response.url)), response.status_code
    if not 200 <= status < 300:
        raise OutgoingError(f"answered with status {status}", host=host, status=status)
    with suppress(ValueError, RecursionError):
        return json.loads(response.content)  # requests would guess at what is not UTF-8 (RFC 8259, 8.1)
    raise OutgoingError("answered with something else than JSON", host=host, status=status)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those it wraps: requests and urllib3 put the cause into the arguments or into ``reason``."""
    pending, seen = [error], set[int]()
    while pending:
        found = pending.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inner = (*found.args, getattr(found, "reason", None), found.__cause__, found.__context__)
        pending.extend(one for one in inner if isinstance(one, BaseException))


def _is_worth_another(error: BaseException) -> bool:
    final = (_Refused, requests.Timeout, requests.exceptions.SSLError, SSLError, TimeoutError)
    return not any(isinstance(one, final) for one in _causes(error))


def _reason(error: BaseException) -> str:
    found = list(_causes(error))
    for kinds, reason in REASONS:
        if any(isinstance(one, kinds) for one in found):
            return reason
    return "could not be asked"


REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((_Refused,), "has no public address"),
    ((requests.Timeout, TimeoutError), "took too long"),
    ((requests.exceptions.SSLError, SSLError), "has no valid certificate"),
    ((requests.exceptions.ProxyError,), "cannot be reached through the proxy"),
    ((NameResolutionError,), "is an unknown name"),
    ((NewConnectionError,), "does not accept connections"),
    ((requests.TooManyRedirects,), "redirected too often"),
    ((requests.exceptions.InvalidURL, requests.exceptions.MissingSchema), "is not a valid URL"),
    ((requests.exceptions.InvalidSchema,), "is not a valid URL"),
    ((requests.ConnectionError, requests.exceptions.ChunkedEncodingError, HTTPError), "broke off"),
)
"""What a project is told, by what happened; the first that fits."""


def _host(url: str) -> str:
    """The name of the server in a URL, or "" where it has none."""
    with suppress(ValueError):
        return urlsplit(url).hostname or ""
    return ""


def _server(parts: Any) -> tuple[str, str | None, int | None]:
    """Scheme, name and port, as far as one server can be told from another."""
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)
