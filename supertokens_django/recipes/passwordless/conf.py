"""Settings of the passwordless recipe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from supertokens_django.conf import Section, option
from supertokens_django.parsers import (
    Validate,
    choice,
    class_path,
    duration,
    function,
    integer,
    optional,
    validate_function,
)

EMAIL, PHONE, EMAIL_OR_PHONE = "EMAIL", "PHONE", "EMAIL_OR_PHONE"
USER_INPUT_CODE, MAGIC_LINK, BOTH = "USER_INPUT_CODE", "MAGIC_LINK", "USER_INPUT_CODE_AND_MAGIC_LINK"


class PasswordlessConf(Section):
    """``SUPERTOKENS["PASSWORDLESS"]``."""

    KEY = "PASSWORDLESS"

    contact_method: str = option(
        choice(EMAIL, PHONE, EMAIL_OR_PHONE),
        EMAIL,
        help="What people sign in by: e-mail, phone number, either.",
    )
    flow_type: str = option(
        choice(USER_INPUT_CODE, MAGIC_LINK, BOTH), BOTH, help="Whether they are sent a code, a link, or both."
    )
    code_lifetime: timedelta = option(
        duration(1), timedelta(minutes=15), help="How long a code and its link are good."
    )
    max_code_input_attempts: int = option(
        integer(1, 1000), 5, help="With the last of so many wrong codes one has to start over."
    )
    get_custom_user_input_code: Callable[[str], str] | None = option(
        optional(function), None, help="Callable (tenant_id) -> the code to send, in place of six digits."
    )
    validate_email_address: Validate | None = option(
        optional(validate_function),
        None,
        help="Replaces the rule for addresses: (email, tenant_id) -> error text or None.",
    )
    validate_phone_number: Validate | None = option(
        optional(validate_function),
        None,
        help="Replaces the rule for phone numbers: (number, tenant_id) -> error text or None.",
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of PasswordlessService.")

    @property
    def takes_emails(self) -> bool:
        return self.contact_method != PHONE

    @property
    def takes_phone_numbers(self) -> bool:
        return self.contact_method != EMAIL
