"""supertokens-python's decorator.

Its core is not run: of that, verifying needs the key set alone, which a server on loopback stands in for. Refreshing
and signing in are calls to the core over the network, and not compared.
"""

from __future__ import annotations

import base64
import logging
import os
import time
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from benchmarks import cases, keys, wsgi
from benchmarks.cases import BARE_MIDDLEWARE, Case, InAdvance, Request, bearer
from benchmarks.core import KID
from benchmarks.peers import Peer


class SuperTokensPython(Peer):
    title = "supertokens-python"
    packages = ("supertokens-python",)
    middleware = ("supertokens_python.framework.django.django_middleware.middleware",)

    def settings(self) -> Mapping[str, Any]:
        from supertokens_python import InputAppInfo, SupertokensConfig, init
        from supertokens_python.recipe import session

        logging.getLogger("tldextract").disabled = True  # it would like to fetch its list from the network
        init(
            app_info=InputAppInfo(
                app_name="Benchmarks",
                api_domain="https://testserver",
                website_domain="https://testserver",
                api_base_path="/auth",
                website_base_path="/auth",
            ),
            supertokens_config=SupertokensConfig(connection_uri=os.environ["BENCHMARKS_CORE"]),
            framework="django",
            recipe_list=[session.init()],
            mode="wsgi",
            telemetry=False,
        )
        return {}

    def urls(self) -> list[Any]:
        from supertokens_python.recipe.session.framework.django.syncio import verify_session

        return [path("verified", verify_session()(cases.bare))]

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        bare_middleware = wsgi.handler(*BARE_MIDDLEWARE)
        known, fresh = bearer(_access_token()), InAdvance(_access_token)
        return {
            cases.BARE_INSTALLED: Request(own, lambda: wsgi.get("/bare")),
            cases.VERIFY: Request(own, lambda: wsgi.get("/verified", **known)),
            cases.VERIFY_WITHOUT_MIDDLEWARE: Request(bare_middleware, lambda: wsgi.get("/verified", **known)),
            cases.VERIFY_FIRST: Request(own, lambda: wsgi.get("/verified", **bearer(fresh.next()))),
        }


def _access_token() -> str:
    """An access token of version 5, as a core makes them."""
    import jwt

    now, user_id = int(time.time()), str(uuid.uuid4())
    payload = {
        "iss": "https://testserver/auth",
        "sub": user_id,
        "rsub": user_id,
        "tId": "public",
        "iat": now,
        "exp": now + 3600,
        "sessionHandle": str(uuid.uuid4()),
        "refreshTokenHash1": base64.b16encode(uuid.uuid4().bytes * 2).decode().lower(),
        "parentRefreshTokenHash1": None,
        "antiCsrfToken": None,
    }
    return jwt.encode(payload, _private_key(), "RS256", headers={"kid": KID, "version": "5"})


@cache
def _private_key() -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(keys.private_pem().encode(), password=None)


peer = SuperTokensPython()
