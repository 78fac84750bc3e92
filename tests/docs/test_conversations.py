"""The HTTP conversations that pages show take place as they are shown."""

from __future__ import annotations

import json
import re

import pytest
from django.http import HttpResponseBase

from supertokens_django.recipes.thirdparty import discovery
from tests.base import Clock, supertokens_settings
from tests.docs.conftest import ProjectOf
from tests.docs.conversation import Conversation, Message, exchanges_of
from tests.docs.snippets import text_of
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.recipes.thirdparty.dance import LOOPBACK

MOBILE, EXAMPLES = "docs/guides/mobile.md", "docs/protocol-examples.md"


@pytest.mark.django_db(transaction=True)
def test_an_app_speaks_with_the_server_as_the_guide_says(project_of: ProjectOf, clock: Clock) -> None:
    project = project_of(MOBILE)
    with project.running(project.settings_with("GRACE_PERIOD"), project.settings_with("passwordless")):
        assert Conversation(clock).play(MOBILE) == 13


@pytest.mark.django_db(transaction=True)
def test_a_browser_speaks_with_the_server_as_the_examples_say(project_of: ProjectOf, clock: Clock) -> None:
    discovery.forget()
    project = project_of(EXAMPLES)
    verification = project.settings_with("EMAILVERIFICATION")
    with serving(Personality) as idp, project.running(verification):
        callback = "https://acme.com/auth/callback/acme-id"
        client = idp.add_client(redirect_uris=[callback])
        forced = [{**idp.personality.client_settings(client), "force_pkce": True}]
        entry = idp.settings(client, third_party_id="acme-id", name="Acme ID", clients=forced)
        recipes = ["emailpassword", "emailverification", "thirdparty", "passwordless"]
        with supertokens_settings(**{**LOOPBACK, "RECIPES": recipes}, THIRDPARTY={"PROVIDERS": [entry]}):
            assert WithProvider(clock, idp).play(EXAMPLES) == 32


class WithProvider(Conversation):
    """Goes to the provider when it hears where that is, and comes back with ``<code>``."""

    def __init__(self, clock: Clock, idp: IdentityProvider) -> None:
        super().__init__(clock)
        self.idp = idp

    def _send(self, request: Message) -> HttpResponseBase:
        response = super()._send(request)
        if "authorisationurl" in request.start:
            url = json.loads(response.content)["urlWithQueryParams"]  # type: ignore[attr-defined]
            account = self.idp.add_account("865", "white@example.com")
            self.known["code"] = self.idp.authorize(f"{url}&state=Zm9v", account).params["code"]
        return response


def test_every_endpoint_has_an_example() -> None:
    asked = {
        " ".join(request.start.split(" ")[:2]).partition("?")[0] for request, _ in exchanges_of(EXAMPLES)
    }
    mentioned = set(re.findall(r"`((?:GET|POST) /auth/\S+)`", text_of(EXAMPLES)))
    rows = re.findall(r"^\| `(GET|POST) (\S+)` \|", text_of("docs/protocol.md"), re.M)
    assert len(rows) > 10
    assert {f"{method} /auth{path}" for method, path in rows} - asked - mentioned == set()
