"""``services.passwordless``: each verb with what it gives, and with each way in which it can fail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from supertokens_django.exceptions import BadInputError, SuperTokensError, UnknownTenantError
from supertokens_django.recipes.passwordless.code_verbs import CodeInformation, DeviceInformation
from supertokens_django.recipes.passwordless.credentials import ConsumedDevice
from supertokens_django.recipes.passwordless.exceptions import (
    ExpiredUserInputCode,
    IncorrectUserInputCode,
    RestartFlow,
    UserInputCodeAlreadyUsed,
)
from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice
from supertokens_django.services import passwordless
from supertokens_django.users.models import User
from tests.base import PUBLIC, Clock, supertokens_settings
from tests.client import json_of
from tests.recipes.passwordless.device import (
    EMAIL,
    NUMBER,
    Device,
    texts_of_sms,
)

pytestmark = pytest.mark.django_db

TYPED_NUMBER, OTHER_NUMBER = " +36 (30) 123-4567 ", "+36301234568"
NO_DEVICE = "A" * 43 + "="


class TestCreating:
    def test_a_contact_is_kept_in_its_stored_form(self) -> None:
        passwordless.create_code(PUBLIC, "  Alice@Example.COM ")
        passwordless.create_code(PUBLIC, phone_number=TYPED_NUMBER)
        assert {row.contact for row in PasswordlessDevice.objects.all()} == {EMAIL, NUMBER}

    @pytest.mark.parametrize(
        "contact",
        [
            {},
            {"email": EMAIL, "phone_number": NUMBER},
            {"email": ""},
            {"email": "  "},
            {"phone_number": ""},
            {"email": "x" * 255 + "@example.com"},
            {"phone_number": "1" * 33},
            {"phone_number": "1\x00"},
            {"email": "a\x00@example.com"},
        ],
    )
    def test_a_contact_that_cannot_be_anybodys_is_refused(self, contact: dict[str, Any]) -> None:
        for verb in (passwordless.create_code, passwordless.create_magic_link, passwordless.signinup):
            with pytest.raises(BadInputError):
                verb(PUBLIC, **contact)
        assert not PasswordlessDevice.objects.exists()
        assert not User.objects.exists()

    def test_a_code_of_ones_own(self) -> None:
        made = passwordless.create_code(PUBLIC, EMAIL, user_input_code="open sesame")
        again = passwordless.create_new_code_for_device(PUBLIC, made.device_id, "open barley")
        assert (made.user_input_code, again.user_input_code) == ("open sesame", "open barley")
        with pytest.raises(UserInputCodeAlreadyUsed):
            passwordless.create_new_code_for_device(PUBLIC, made.device_id, "open sesame")
        assert PasswordlessCode.objects.count() == 2
        for code in ("", "  "):
            with pytest.raises(BadInputError):
                passwordless.create_code(PUBLIC, EMAIL, user_input_code=code)
            with pytest.raises(BadInputError):
                passwordless.create_new_code_for_device(PUBLIC, made.device_id, code)

    def test_another_code_for_a_device_that_there_is_not(self, tenant_acme: str) -> None:
        made = passwordless.create_code(PUBLIC, EMAIL)
        for tenant, device_id in ((PUBLIC, NO_DEVICE), (tenant_acme, made.device_id)):
            with pytest.raises(RestartFlow):
                passwordless.create_new_code_for_device(tenant, device_id)
        with pytest.raises(BadInputError):
            passwordless.create_new_code_for_device(PUBLIC, "&&&")

    @pytest.mark.parametrize("given", [None, "", " ", 123456])
    def test_a_hook_that_gives_no_code_is_a_fault_of_the_settings(self, given: Any) -> None:
        with (
            supertokens_settings(PASSWORDLESS={"GET_CUSTOM_USER_INPUT_CODE": lambda tenant_id: given}),
            pytest.raises(ImproperlyConfigured, match="must give a non-empty string"),
        ):
            passwordless.create_code(PUBLIC, EMAIL)

    def test_an_unknown_tenant(self) -> None:
        verbs = (
            passwordless.create_code,
            passwordless.create_magic_link,
            passwordless.signinup,
            passwordless.email_exists,
        )
        for verb in verbs:
            with pytest.raises(UnknownTenantError):
                verb("nowhere", EMAIL)
        with pytest.raises(UnknownTenantError):
            passwordless.create_new_code_for_device("nowhere", NO_DEVICE)
        for consume in (passwordless.check_code, passwordless.consume_code):
            with pytest.raises(UnknownTenantError):
                consume("nowhere", "x", link_code="y")


class TestMagicLinks:
    @pytest.mark.parametrize("flow", ["USER_INPUT_CODE", "MAGIC_LINK"])
    @pytest.mark.parametrize("contact", [{"email": EMAIL}, {"phone_number": NUMBER}])
    def test_a_link_works_whatever_the_flow_type(
        self, device: Device, flow: str, contact: dict[str, Any]
    ) -> None:
        with supertokens_settings(PASSWORDLESS={"FLOW_TYPE": flow}):
            link = passwordless.create_magic_link(PUBLIC, **contact)
            key = PasswordlessDevice.objects.get().pk
            assert link.startswith(f"https://acme.com/auth/verify?preAuthSessionId={key}&tenantId=public#")
            answer = json_of(device.open(link))
        assert (answer["status"], answer["createdNewRecipeUser"]) == ("OK", True)
        assert texts_of_sms() == []

    def test_it_leads_to_the_page_of_the_settings(self, tenant_acme: str) -> None:
        places = {"WEBSITE_DOMAIN": "https://login.acme.com:8443", "WEBSITE_BASE_PATH": "/me"}
        with supertokens_settings(**places):
            parts = urlsplit(passwordless.create_magic_link(tenant_acme, EMAIL))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://login.acme.com:8443/me/verify"
        key = PasswordlessDevice.objects.get().pk
        assert parts.query == f"preAuthSessionId={key}&tenantId=acme"
        assert len(parts.fragment) == 43


class TestChecking:
    def test_it_gives_the_device(self) -> None:
        made = passwordless.create_code(PUBLIC, phone_number=NUMBER)
        key = made.pre_auth_session_id
        with pytest.raises(IncorrectUserInputCode):
            passwordless.check_code(PUBLIC, key, "wrong", made.device_id)
        found = passwordless.check_code(PUBLIC, key, made.user_input_code, made.device_id)
        assert found == passwordless.check_code(PUBLIC, f"{key}=", link_code=made.link_code)
        assert found == ConsumedDevice(key, 1, None, NUMBER, PUBLIC, (key,))

    def test_failures_count_as_those_of_consuming(self, clock: Clock) -> None:
        made = passwordless.create_code(PUBLIC, EMAIL)
        key, device_id = made.pre_auth_session_id, made.device_id
        told = []
        for number, verb in enumerate([passwordless.check_code, passwordless.consume_code] * 2):
            if number == 2:
                clock.advance(901)
            with pytest.raises((IncorrectUserInputCode, ExpiredUserInputCode)) as raised:
                verb(PUBLIC, key, made.user_input_code if number > 1 else "wrong", device_id)
            told.append(raised.value.body())
        assert [(body["status"].partition("_")[0], *list(body.values())[1:]) for body in told] == [
            ("INCORRECT", 1, 5),
            ("INCORRECT", 2, 5),
            ("EXPIRED", 3, 5),
            ("EXPIRED", 4, 5),
        ]
        with pytest.raises(RestartFlow):
            passwordless.check_code(PUBLIC, key, "wrong", device_id)
        assert not PasswordlessDevice.objects.exists()

    @pytest.mark.parametrize("parts", [{}, {"user_input_code": "1"}, {"device_id": "x"}])
    def test_half_of_what_is_needed_starts_over(self, parts: dict[str, str]) -> None:
        made = passwordless.create_code(PUBLIC, EMAIL)
        if "device_id" in parts:
            parts = {"device_id": made.device_id}
        for verb in (passwordless.check_code, passwordless.consume_code):
            with pytest.raises(RestartFlow):
                verb(PUBLIC, made.pre_auth_session_id, **parts)
        assert PasswordlessDevice.objects.get().failed_attempts == 0

    def test_a_lowered_limit_ends_links_too(self, device: Device) -> None:
        made = passwordless.create_code(PUBLIC, EMAIL)
        for _ in range(3):
            with pytest.raises(IncorrectUserInputCode):
                passwordless.check_code(PUBLIC, made.pre_auth_session_id, "wrong", made.device_id)
        with supertokens_settings(PASSWORDLESS={"MAX_CODE_INPUT_ATTEMPTS": 3}), pytest.raises(RestartFlow):
            passwordless.check_code(PUBLIC, made.pre_auth_session_id, link_code=made.link_code)
        assert not PasswordlessDevice.objects.exists()


class TestConsuming:
    def test_it_ends_what_was_sent_to_the_contact_in_this_tenant_alone(self, tenant_acme: str) -> None:
        here, elsewhere = (
            passwordless.create_code(PUBLIC, EMAIL),
            passwordless.create_code(tenant_acme, EMAIL),
        )
        passwordless.create_code(PUBLIC, EMAIL)
        passwordless.consume_code(PUBLIC, here.pre_auth_session_id, here.user_input_code, here.device_id)
        assert [row.pk for row in PasswordlessDevice.objects.all()] == [elsewhere.pre_auth_session_id]
        method, is_new = passwordless.consume_code(
            tenant_acme, elsewhere.pre_auth_session_id, link_code=elsewhere.link_code
        )
        assert (method.recipe_id, is_new) == ("passwordless", True)

    def test_an_address_is_no_number_even_if_it_looks_like_one(self) -> None:
        by_mail = passwordless.create_code(PUBLIC, email=NUMBER)
        by_text = passwordless.create_code(PUBLIC, phone_number=NUMBER)
        passwordless.consume_code(PUBLIC, by_text.pre_auth_session_id, link_code=by_text.link_code)
        assert [row.pk for row in PasswordlessDevice.objects.all()] == [by_mail.pre_auth_session_id]

    def test_signinup_finds_or_makes(self) -> None:
        one, is_new = passwordless.signinup(PUBLIC, f" {EMAIL.upper()}")
        same, is_new_again = passwordless.signinup(PUBLIC, EMAIL)
        assert (one.id, is_new, is_new_again) == (same.id, True, False)
        other, _ = passwordless.signinup(PUBLIC, phone_number=TYPED_NUMBER)
        assert passwordless.signinup(PUBLIC, phone_number=NUMBER) == (other, False)
        assert other.id != one.id
        assert not PasswordlessDevice.objects.exists()


class TestListing:
    def test_by_each_key(self, clock: Clock, tenant_acme: str) -> None:
        first = passwordless.create_code(PUBLIC, EMAIL)
        clock.advance(5)
        second = passwordless.create_new_code_for_device(PUBLIC, first.device_id)
        with pytest.raises(IncorrectUserInputCode):
            passwordless.check_code(PUBLIC, first.pre_auth_session_id, "wrong", first.device_id)
        told = tuple(CodeInformation(made.code_id, made.time_created, 900_000) for made in (first, second))
        expected = DeviceInformation(first.pre_auth_session_id, 1, told, EMAIL, None)
        assert passwordless.list_codes_by_email(PUBLIC, " ALICE@example.com") == [expected]
        assert passwordless.list_codes_by_device_id(PUBLIC, first.device_id) == expected
        for key in (first.pre_auth_session_id, f"{first.pre_auth_session_id}="):
            assert passwordless.list_codes_by_pre_auth_session_id(PUBLIC, key) == expected
        assert passwordless.list_codes_by_email(tenant_acme, EMAIL) == []
        assert passwordless.list_codes_by_device_id(tenant_acme, first.device_id) is None

    def test_by_number_the_oldest_first(self, clock: Clock) -> None:
        made = []
        for _ in range(3):
            made.append(passwordless.create_code(PUBLIC, phone_number=NUMBER).pre_auth_session_id)
            clock.advance(1)
        found = passwordless.list_codes_by_phone_number(PUBLIC, TYPED_NUMBER)
        assert [device.pre_auth_session_id for device in found] == made
        assert {(device.email, device.phone_number) for device in found} == {(None, NUMBER)}

    def test_what_there_is_not(self) -> None:
        assert passwordless.list_codes_by_email(PUBLIC, EMAIL) == []
        assert passwordless.list_codes_by_phone_number(PUBLIC, NUMBER) == []
        assert passwordless.list_codes_by_device_id(PUBLIC, NO_DEVICE) is None
        assert passwordless.list_codes_by_pre_auth_session_id(PUBLIC, "x") is None
        with pytest.raises(BadInputError):
            passwordless.list_codes_by_device_id(PUBLIC, "&&&")


class TestRevoking:
    @pytest.mark.parametrize("contact", [{"email": f" {EMAIL.title()}"}, {"phone_number": TYPED_NUMBER}])
    def test_all_of_a_contact(self, tenant_acme: str, contact: dict[str, str]) -> None:
        for tenant in (PUBLIC, PUBLIC, tenant_acme):
            passwordless.create_code(tenant, EMAIL)
            passwordless.create_code(tenant, phone_number=NUMBER)
        passwordless.revoke_all_codes(PUBLIC, **contact)
        left = sorted((row.tenant_id, row.kind) for row in PasswordlessDevice.objects.all())
        kept = "phone" if "email" in contact else "email"
        assert left == [("acme", "email"), ("acme", "phone"), ("public", kept), ("public", kept)]

    def test_all_of_a_device(self, tenant_acme: str) -> None:
        one, other = (passwordless.create_code(PUBLIC, EMAIL) for _ in range(2))
        passwordless.create_new_code_for_device(PUBLIC, one.device_id)
        passwordless.revoke_code(tenant_acme, pre_auth_session_id=one.pre_auth_session_id)
        assert PasswordlessDevice.objects.count() == 2
        passwordless.revoke_code(PUBLIC, pre_auth_session_id=f"{one.pre_auth_session_id}=")
        assert [row.pk for row in PasswordlessDevice.objects.all()] == [other.pre_auth_session_id]

    def test_one_code_in_its_tenant(self, tenant_acme: str) -> None:
        first = passwordless.create_code(PUBLIC, EMAIL)
        second = passwordless.create_new_code_for_device(PUBLIC, first.device_id)
        passwordless.revoke_code(tenant_acme, first.code_id)
        passwordless.revoke_code(PUBLIC, "unknown")
        assert PasswordlessCode.objects.count() == 2
        passwordless.revoke_code(PUBLIC, first.code_id)
        key, device_id = first.pre_auth_session_id, first.device_id
        with pytest.raises(IncorrectUserInputCode):
            passwordless.check_code(PUBLIC, key, first.user_input_code, device_id)
        assert passwordless.check_code(PUBLIC, key, second.user_input_code, device_id).email == EMAIL

    @pytest.mark.parametrize("given", [{}, {"code_id": "x", "pre_auth_session_id": "y"}])
    def test_both_ids_or_none(self, given: dict[str, str]) -> None:
        with pytest.raises(BadInputError):
            passwordless.revoke_code(PUBLIC, **given)

    @pytest.mark.parametrize("given", [{}, {"email": EMAIL, "phone_number": NUMBER}])
    def test_both_contacts_or_none(self, given: dict[str, str]) -> None:
        with pytest.raises(BadInputError):
            passwordless.revoke_all_codes(PUBLIC, **given)


async def test_each_verb_has_a_twin() -> None:
    """One way through all of them, each with all of its arguments."""
    made = await passwordless.acreate_code(PUBLIC, None, NUMBER, "open sesame")
    assert made.user_input_code == "open sesame"
    key, device_id = made.pre_auth_session_id, made.device_id
    again = await passwordless.acreate_new_code_for_device(PUBLIC, device_id, "open barley")
    found = await passwordless.acheck_code(PUBLIC, key, "open barley", device_id, None)
    assert (found.phone_number, again.pre_auth_session_id) == (NUMBER, key)
    listed = [
        *await passwordless.alist_codes_by_phone_number(PUBLIC, NUMBER),
        await passwordless.alist_codes_by_device_id(PUBLIC, device_id),
        await passwordless.alist_codes_by_pre_auth_session_id(PUBLIC, key),
    ]
    assert [device.pre_auth_session_id for device in listed if device] == [key] * 3
    assert await passwordless.alist_codes_by_email(PUBLIC, EMAIL) == []
    await passwordless.arevoke_code(PUBLIC, again.code_id, None)
    with pytest.raises(SuperTokensError):
        await passwordless.aconsume_code(PUBLIC, key, "open barley", device_id, None)
    method, is_new = await passwordless.aconsume_code(PUBLIC, key, None, None, made.link_code)
    assert (method.phone_number, is_new) == (NUMBER, True)
    assert (await passwordless.asigninup(PUBLIC, None, NUMBER))[0].id == method.id
    changed = await passwordless.aupdate_user(method.id, EMAIL, OTHER_NUMBER)
    assert (changed.email, changed.phone_number) == (EMAIL, OTHER_NUMBER)
    assert await passwordless.aemail_exists(PUBLIC, EMAIL)
    assert await passwordless.aphone_number_exists(PUBLIC, OTHER_NUMBER)
    assert (await passwordless.adelete_email_for_user(method.id)).email is None
    link = await passwordless.acreate_magic_link(PUBLIC, EMAIL, None, None)
    assert link.startswith("https://acme.com/auth/verify?")
    await passwordless.arevoke_all_codes(PUBLIC, EMAIL, None)
    assert await passwordless.alist_codes_by_email(PUBLIC, EMAIL) == []
    await passwordless.aupdate_user(method.id, EMAIL)
    assert (await passwordless.adelete_phone_number_for_user(method.id)).phone_number is None
