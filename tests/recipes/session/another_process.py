"""Another server process of the same project, with the same database and the same Redis: it serves and it revokes.

Run by :class:`tests.processes.AnotherProcess`; ``ANOTHER_PROCESS_REDIS`` is the address of the cache.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

import django
import time_machine
from django.conf import settings
from django.test import override_settings


def main() -> None:
    settings.DATABASES["default"]["NAME"] = os.environ["ANOTHER_PROCESS_DATABASE"]
    django.setup()
    from tests.base import ONE_SITE, supertokens_settings
    from tests.recipes.session.test_revocation_redis import caches_of

    with (
        override_settings(
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF="tests.urls",
            CACHES=caches_of(os.environ["ANOTHER_PROCESS_REDIS"]),
        ),
        supertokens_settings(**ONE_SITE, SESSION={"REVOCATION_CACHE": "sessions"}),
    ):
        for line in sys.stdin:
            command = json.loads(line)
            moment = datetime.fromtimestamp(command["at"], UTC)
            with time_machine.travel(moment, tick=False):
                print(json.dumps(obey(command)), flush=True)


def obey(command: dict[str, Any]) -> dict[str, Any]:
    from supertokens_django.services import session as sessions
    from tests.base import sql_statements
    from tests.client import FrontendClient

    match command["do"]:
        case "revoke":
            return {"revoked": sessions.revoke_session(command["handle"])}
        case "get":
            headers = {"authorization": f"Bearer {command['access_token']}"}
            with sql_statements() as statements:
                response = FrontendClient("header").get(command["path"], headers=headers)
            return {"status": response.status_code, "queries": len(statements)}
        case _:
            raise ValueError(command)


if __name__ == "__main__":
    main()
