"""Another server process of the same project, on the same database: one JSON command per line in, one answer out.

Run as ``python -m tests.recipes.jwt.another_process``; ``ANOTHER_PROCESS_DATABASE`` names the database.  A command
says what time it is, and by ``uptime`` how old the process is.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import django
import time_machine
from django.conf import settings
from django.test import override_settings


def main() -> None:
    settings.DATABASES["default"]["NAME"] = os.environ["ANOTHER_PROCESS_DATABASE"]
    settings.SECRET_KEY = os.environ.get("ANOTHER_PROCESS_SECRET_KEY", settings.SECRET_KEY)
    django.setup()
    from supertokens_django import clock
    from tests.base import ONE_SITE, supertokens_settings

    with override_settings(ALLOWED_HOSTS=["*"]), supertokens_settings(**ONE_SITE):
        for line in sys.stdin:
            command = json.loads(line)
            moment = datetime.fromtimestamp(command["at"], UTC)
            uptime = command.get("uptime", 0.0)
            with (
                time_machine.travel(moment, tick=False),
                patch.object(clock, "monotonic", return_value=uptime),
            ):
                print(json.dumps(obey(command)), flush=True)


def obey(command: dict[str, Any]) -> dict[str, Any]:
    from supertokens_django.exceptions import TryRefreshTokenError
    from supertokens_django.services import jwt
    from supertokens_django.services import session as sessions

    match command["do"]:
        case "rotate":
            return {"kid": jwt.rotate_signing_key(command.get("static", False)).kid}
        case "retire":
            return {"state": jwt.retire_signing_key(command["kid"], command.get("now", False)).state}
        case "sign a JWT":
            return {"token": jwt.create_jwt({}, 60)}
        case "sign in":
            made = sessions.create_new_session_without_request_response("public", command["user_id"])
            return {"access_token": made.get_access_token()}
        case "verify":
            try:
                found = sessions.get_session_without_request_response(
                    command["access_token"], session_required=False
                )
            except TryRefreshTokenError:
                return {"user_id": "try refresh token"}
            return {"user_id": found.get_user_id() if found else None}
        case _:
            raise ValueError(command)


if __name__ == "__main__":
    main()
