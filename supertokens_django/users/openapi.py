"""The ``user`` object in the OpenAPI document."""

from __future__ import annotations

from supertokens_django.http.openapi import FLAG, MILLISECONDS, TEXT, array, record, schema

THIRD_PARTY = record({"id": TEXT, "userId": TEXT})
CREDENTIALS = record({"credentialIds": array(TEXT)})
ACCOUNT_INFO = {"email": TEXT, "phoneNumber": TEXT, "thirdParty": THIRD_PARTY, "webauthn": CREDENTIALS}

LOGIN_METHOD = schema(
    "LoginMethod",
    {
        "description": "A way in. What it does not have is left out.",
        **record(
            {
                "recipeId": {**TEXT, "examples": ["emailpassword"]},
                "recipeUserId": TEXT,
                "tenantIds": array(TEXT),
                "timeJoined": MILLISECONDS,
                "verified": FLAG,
                **ACCOUNT_INFO,
            },
            optional=list(ACCOUNT_INFO),
        ),
    },
)
USER = schema(
    "User",
    {
        "description": "A user, for clients of FDI 1.18, 1.19 and from 3.0.",
        **record(
            {
                "id": TEXT,
                "isPrimaryUser": FLAG,
                "tenantIds": array(TEXT),
                "timeJoined": MILLISECONDS,
                "emails": array(TEXT),
                "phoneNumbers": array(TEXT),
                "thirdParty": array(THIRD_PARTY),
                "webauthn": CREDENTIALS,
                "loginMethods": array(LOGIN_METHOD),
            }
        ),
    },
)
OLD_USER = schema(
    "UserOfOldClients",
    {
        "description": "A user, for clients of FDI 1.17 and 2.0.",
        **record({"id": TEXT, "timeJoined": MILLISECONDS, **ACCOUNT_INFO}, optional=list(ACCOUNT_INFO)),
    },
)
ANY_USER = {"anyOf": [USER, OLD_USER]}
"""Which of them depends on the header ``fdi-version``."""
