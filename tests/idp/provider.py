"""The provider: Authlib's authorization server in a Flask app, served by a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.idp import pages
from tests.idp.faults import Fault
from tests.idp.grants import Answering, OnlyS256, code_grant, refresh_grant
from tests.idp.keys import Keys
from tests.idp.lies import Lie
from tests.idp.personalities.base import Personality
from tests.idp.records import Account, Client, Code, Recorded, Token
from tests.idp.visitor import Returned, visit


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: what the tests need to know is recorded."""


class IdentityProvider:
    """One running provider; see the package's docstring for how tests use it."""

    def __init__(self, personality: type[Personality], host: str = "127.0.0.1") -> None:
        self.keys = Keys()
        self.clients: dict[str, Client] = {}
        self.accounts: dict[str, Account] = {}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.refreshable: dict[str, Token] = {}
        self.requests: list[Recorded] = []
        self.handed_out: set[str] = set()
        """Every code and token there ever was: what must be in no log."""
        self.rotates_refresh_tokens = False
        self._faults: dict[str, tuple[Fault, int | None]] = {}
        self._lie: Lie | None = None
        self.personality = personality(self)
        self.app = self._application()
        self._server = make_server(host, 0, self.app, threaded=True, request_handler=_Quiet)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.base = f"http://{host}:{self._server.server_port}"
        # A cookie knows no port: two providers, and the app itself, are one host to a browser.
        self.app.config.update(SECRET_KEY="idp", SESSION_COOKIE_NAME=f"idp-{self._server.server_port}")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Go away: whoever asks now is refused the connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # What a test says

    def url(self, path: str) -> str:
        return self.base + path

    def add_client(
        self,
        client_id: str = "acme",
        *,
        secret: str | None = "acme-secret",
        redirect_uris: Sequence[str] = (),
        auth_methods: Sequence[str] | None = None,
        refresh: bool = False,
    ) -> Client:
        """Register an application; ``secret=None`` makes it a public one, which has to use PKCE."""
        methods = tuple(self.personality.auth_methods if auth_methods is None else auth_methods)
        made = Client(client_id, secret, tuple(redirect_uris), methods, refresh)
        self.personality.register(made)
        self.clients[client_id] = made
        return made

    def add_account(
        self, sub: str, email: str | None = None, *, verified: bool = True, name: str = "", **extra: Any
    ) -> Account:
        """Register a user; ``extra`` is what the personality knows besides."""
        made = Account(sub, email, verified, name, extra=extra)
        self.accounts[sub] = made
        return made

    def settings(self, client: Client, **changes: Any) -> dict[str, Any]:
        """The entry of ``THIRDPARTY["PROVIDERS"]`` that leads here."""
        return {**self.personality.settings(client), **changes}

    def authorize(self, url: str, account: Account, *, consent: bool = True) -> Returned:
        """Play the browser: open the authorisation URL, sign in, accept (or cancel); returns what is sent back.

        Raises:
            Refused: the provider shows an error instead of sending anybody back.
        """
        return visit(url, account, consent=consent)

    def issue(self, account: Account, client_id: str, scope: str, nonce: str | None = None) -> dict[str, Any]:
        """Tokens as an app on a device gets them, without a browser of ours."""
        lifetime = self.personality.access_token_lifetime
        made = Token(self.personality.access_token(), None, client_id, account, scope, time.time() + lifetime)
        self.tokens[made.access_token] = made
        self.handed_out.add(made.access_token)
        id_token = (
            {"id_token": self.id_token(made, nonce)} if self.personality.issues_id_tokens(scope) else {}
        )
        return {"access_token": made.access_token, **id_token}

    def rotate_keys(self, *, keep_old: bool = True) -> None:
        """Sign with a new key from now on."""
        self.keys.rotate(keep_old=keep_old)

    def fail(self, endpoint: str, fault: Fault, *, times: int | None = None) -> None:
        """Let an endpoint fail (``faults.py``), ``times`` times or until :meth:`heal`."""
        self._faults[endpoint] = (fault, times)

    def lie(self, lie: Lie) -> None:
        """Let ID tokens be lies (``lies.py``) until :meth:`heal`."""
        self._lie = lie

    def heal(self) -> None:
        self._faults.clear()
        self._lie = None

    def asked(self, endpoint: str) -> list[Recorded]:
        """The requests to one endpoint: ``authorize``, ``token``, ``userinfo``, ``jwks``, ``discovery``, …"""
        return [one for one in self.requests if one.endpoint == endpoint]

    # What the personality and the grants ask

    def id_token(self, token: Token, nonce: str | None = None) -> str:
        now = int(time.time())
        claims = {
            "iss": self.personality.issuer,
            "aud": token.client_id,
            "iat": now,
            "exp": now + self.personality.id_token_lifetime,
            **self.personality.claims(token.account, token),
            **({"nonce": nonce} if nonce else {}),
        }
        made = self._lie(claims, self.keys) if self._lie else self.keys.sign(claims)
        self.handed_out.add(made)
        return made

    def bearer(self) -> Token | None:
        """The access token of the request's Authorization header (RFC 6750), if it is good."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        return self.good(value) if scheme.lower() in ("bearer", "token") else None

    def good(self, access_token: str | None) -> Token | None:
        found = self.tokens.get(access_token or "")
        return found if found and found.is_good else None

    # The application

    def _application(self) -> flask.Flask:
        app = flask.Flask("idp", static_folder=None)
        # Its types say less than it can do.
        self._authorization: Any = AuthorizationServer(app, self.clients.get, lambda token, request: None)
        self._authorization.register_token_generator(
            "default",
            BearerTokenGenerator(
                lambda **_: self.personality.access_token(),
                lambda **_: self.personality.access_token(),
                lambda *_: self.personality.access_token_lifetime,
            ),
        )
        answering = Answering(self)
        self._authorization.register_grant(code_grant(self), [OnlyS256(self), answering])
        self._authorization.register_grant(refresh_grant(self), [answering])
        self.personality.authenticate_clients(self._authorization)
        app.before_request(self._record)
        app.before_request(self._fail)
        paths = self.personality.paths
        app.add_url_rule(paths.authorize, "authorize", self._authorize, methods=["GET", "POST"])
        app.add_url_rule(paths.token, "token", self._token, methods=["POST"])
        self.personality.routes(app)
        return app

    def _record(self) -> None:
        self.requests.append(
            Recorded(
                request.endpoint or "",
                request.method,
                request.path,
                request.args.to_dict(),
                request.form.to_dict(),
                dict(request.headers),
            )
        )

    def _fail(self) -> Response | None:
        fault, times = self._faults.get(request.endpoint or "", (None, None))
        if fault is None or times == 0:
            return None
        if times is not None:
            self._faults[request.endpoint or ""] = (fault, times - 1)
        return fault()

    def _authorize(self) -> Response:
        signed_in = self.accounts.get(flask.session.get("sub", ""))
        try:
            grant = self._authorization.get_consent_grant(end_user=signed_in)
        except OAuth2Error as error:
            return self._refuse(error)
        step = request.form.get("step")
        if step == "sign_in":
            return self._sign_in()
        if signed_in is None:
            return _page(pages.sign_in(self.personality.name))
        if step not in ("accept", "cancel"):
            client, scopes = request.args["client_id"], request.args.get("scope", "")
            return _page(pages.consent(self.personality.name, client, signed_in.login, scopes))
        accepted = signed_in if step == "accept" else None
        response = self._authorization.create_authorization_response(grant_user=accepted, grant=grant)
        return self.personality.send_back(response, accepted)

    def _sign_in(self) -> Response:
        login = request.form.get("login", "")
        found = next((one for one in self.accounts.values() if login in (one.sub, one.email)), None)
        if found is None or request.form.get("password") != found.password:
            return _page(pages.sign_in(self.personality.name, "E-mail or password is wrong."))
        flask.session["sub"] = found.sub
        return flask.redirect(request.url, 303)  # type: ignore[return-value]

    def _refuse(self, error: Any) -> Response:
        """Send the error back where that is safe, otherwise show it (RFC 6749, 4.1.2.1)."""
        if error.redirect_uri:
            return self.personality.send_back(self._authorization.handle_error_response(None, error), None)
        made = _page(pages.error(f"{error.error}: {error.description}"))
        made.status_code = 400
        return made

    def _token(self) -> Response:
        made: Response = self._authorization.create_token_response()
        return self.personality.token_response(made)


def _page(text: str) -> Response:
    return Response(text, content_type="text/html; charset=utf-8")


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(parameters)}"


@contextmanager
def serving(personality: type[Personality], host: str = "127.0.0.1") -> Iterator[IdentityProvider]:
    """A provider on a port of its own, as long as the block lasts."""
    idp = IdentityProvider(personality, host)
    idp.start()
    try:
        yield idp
    finally:
        idp.close()
