"""The system checks look at what single providers need."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.base import supertokens_settings
from tests.checks.messages import found

pytestmark = pytest.mark.usefixtures("acme")

WHERE = "SUPERTOKENS['THIRDPARTY']['PROVIDERS'][0]['clients'][0]['additional_config']"


def messages(third_party_id: str, additional: dict[str, Any], **changes: Any) -> list[tuple[str, str, Any]]:
    """What the checks say of a provider's only client."""
    client = {"client_id": "acme", **changes.pop("client", {}), "additional_config": additional}
    entry = {"third_party_id": third_party_id, "clients": [client], **changes}
    with supertokens_settings(RECIPES=["thirdparty"], THIRDPARTY={"PROVIDERS": [entry]}):
        return sorted((str(one.id), one.msg, one.hint) for one in found() if "PROVIDERS" in one.msg)


@pytest.fixture(scope="module")
def key() -> str:
    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("third_party_id", "missing"),
    [
        ("active-directory", ["directoryId"]),
        ("okta", ["oktaDomain"]),
        ("boxy-saml", ["boxyURL"]),
        ("apple", ["keyId", "privateKey", "teamId"]),
        ("okta-2", ["oktaDomain"]),
    ],
)
@pytest.mark.parametrize("blank", [None, "", "  "], ids=["absent", "empty", "blank"])
def test_what_is_needed_is_missed(third_party_id: str, missing: list[str], blank: str | None) -> None:
    additional = {} if blank is None else dict.fromkeys(missing, blank)
    assert messages(third_party_id, additional) == [
        ("supertokens_django.E001", f"{WHERE}[{name!r}] is missing.", None) for name in missing
    ]


@pytest.mark.parametrize("third_party_id", ["google", "google-workspaces", "github", "gitlab", "facebook"])
def test_others_need_nothing(third_party_id: str) -> None:
    assert messages(third_party_id, {}) == []


@pytest.mark.parametrize("third_party_id", ["active-directory", "okta", "mine"])
def test_a_discovery_endpoint_will_do(third_party_id: str) -> None:
    assert messages(third_party_id, {}, oidc_discovery_endpoint="https://id.acme.com") == []


def test_jackson_s_endpoints_will_do_if_they_are_all_there() -> None:
    names = ("authorization_endpoint", "token_endpoint", "user_info_endpoint")
    endpoints = dict.fromkeys(names, "https://sso.acme.com/x")
    assert messages("boxy-saml", {}, **endpoints) == []
    del endpoints["token_endpoint"]
    assert messages("boxy-saml", {}, **endpoints) == [
        ("supertokens_django.E001", f"{WHERE}['boxyURL'] is missing.", None)
    ]


@pytest.mark.parametrize(
    ("third_party_id", "written", "meant"),
    [
        ("okta", "oktaDomian", "oktaDomain"),
        ("okta", "okta_domain", "oktaDomain"),
        ("active-directory", "directoryID", "directoryId"),
        ("boxy-saml", "boxyUrl", "boxyURL"),
        ("gitlab", "gitlabBaseURL", "gitlabBaseUrl"),
        ("google-workspaces", "HD", "hd"),
    ],
)
def test_a_misspelt_key_is_told_with_the_one_that_was_meant(
    third_party_id: str, written: str, meant: str
) -> None:
    told = messages(third_party_id, {written: "https://acme.example"})
    text = f"{WHERE}[{written!r}] is not known to the provider."
    assert ("supertokens_django.E002", text, f"Did you mean {meant!r}?") in told


def test_a_key_for_the_project_s_own_functions_is_left_alone(key: str) -> None:
    additional = {"keyId": "K", "teamId": "T", "privateKey": key, "audience": "members"}
    assert messages("apple", additional) == []
    assert messages("mine", {"okta_domain": "x"}, oidc_discovery_endpoint="https://id.acme.com") == []


@pytest.mark.parametrize("value", [17, ["x"], True])
def test_another_type_is_refused(value: Any) -> None:
    text = f"{WHERE}['oktaDomain'] must be a non-empty string, or a reference to one."
    assert messages("okta", {"oktaDomain": value}) == [("supertokens_django.E003", text, None)]


class TestTheKeyOfApple:
    HINT = "Paste the whole .p8 file, line breaks as they are or as \\n."
    TEXT = f"{WHERE}['privateKey'] is not a private key of Apple's: PEM, of the curve P-256."

    def said(self, private_key: Any, **changes: Any) -> list[tuple[str, str, Any]]:
        return messages("apple", {"keyId": "K", "teamId": "T", "privateKey": private_key}, **changes)

    def test_a_readable_one_is_accepted(self, key: str) -> None:
        assert self.said(key) == []
        assert self.said(key.replace("\n", "\\n")) == []

    @pytest.mark.parametrize("text", ["AuthKey_KEY1234567.p8", "-----BEGIN PRIVATE KEY-----\nMIGT\n"])
    def test_an_unreadable_one_is_told_and_not_shown(self, text: str) -> None:
        assert self.said(text) == [("supertokens_django.E003", self.TEXT, self.HINT)]

    def test_one_of_another_curve_is_told(self) -> None:
        made = ec.generate_private_key(ec.SECP384R1())
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        assert self.said(pem) == [("supertokens_django.E003", self.TEXT, self.HINT)]

    def test_one_from_elsewhere_is_not_asked_for(self) -> None:
        def give() -> str:
            raise AssertionError

        assert [message[0] for message in self.said({"env": "APPLE_KEY"})] == ["supertokens_django.W098"]
        assert self.said(give) == []

    def test_a_ready_secret_needs_none(self) -> None:
        assert messages("apple", {}, client={"client_secret": "made elsewhere"}) == []
