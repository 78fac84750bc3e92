"""Signing in by a code: where it is asked for, where it is typed, and where its link leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.utils.translation import gettext, ngettext

from supertokens_django import clock, conf
from supertokens_django.exceptions import FieldError, SessionError, SuperTokensError
from supertokens_django.http.endpoint import JsonObject, admitted, is_enabled
from supertokens_django.pages import cookies, links, thirdparty
from supertokens_django.pages.inputs import RecipeField, RecipeForm
from supertokens_django.pages.page import page, remember_limit, show
from supertokens_django.recipes.emailpassword.conf import FormField
from supertokens_django.recipes.passwordless import flows, inputs
from supertokens_django.recipes.passwordless.conf import MAGIC_LINK, USER_INPUT_CODE, PasswordlessConf
from supertokens_django.recipes.passwordless.exceptions import (
    ExpiredUserInputCode,
    IncorrectUserInputCode,
    RestartFlow,
    SignInUpNotAllowed,
)

CODE, RESEND, CONSUME = "passwordless:code", "passwordless:resend", "passwordless:consume"
NAME, SALT = "sSignInToken", "supertokens_django.pages.passwordless"
"""Django leaves values of this name out of error reports."""
WAIT = 30
"""Seconds before another code may be asked for on the page; the rate limits are what holds."""
CONTACT, TYPED, LINK_CODE = "contact", "code", "link_code"


@dataclass(frozen=True)
class Asked:
    """What this browser knows of the code that it asked for; kept in a cookie that is signed."""

    device_id: str = field(repr=False)
    pre_auth_session_id: str
    tenant_id: str
    contact: str
    flow_type: str
    sent_at: int

    @property
    def has_code(self) -> bool:
        return self.flow_type != MAGIC_LINK

    @property
    def has_link(self) -> bool:
        return self.flow_type != USER_INPUT_CODE

    @property
    def wait(self) -> int:
        """Seconds until another code may be asked for."""
        return max(0, WAIT - (clock.now_in_milliseconds() - self.sent_at) // 1000)


def is_offered() -> bool:
    """Tell whether visitors may sign in by a code."""
    return is_enabled(CODE) and is_enabled(CONSUME)


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an address or a number, and send a code there."""
    form = _contact_form(request)
    sent: list[Asked] = []

    def act(data: JsonObject, tenant_id: str) -> None:
        made = flows.send_code(request, data, tenant_id, inputs.contact(data, tenant_id))
        where = next(str(data[name]) for name in ("email", "phoneNumber") if name in data)
        ids = (made.code.device_id, made.code.pre_auth_session_id)
        now = clock.now_in_milliseconds()
        sent.append(Asked(*ids, tenant_id, where.strip(), made.flow_type, now))

    if request.method == "POST" and _submit(request, CODE, form, _contact_in(form), act):
        return _remember(HttpResponseRedirect(links.link(request, "code")), sent[0])
    has_password = is_enabled("emailpassword:signin")
    buttons = thirdparty.buttons(request)
    return show(request, "passwordless", form=form, has_password=has_password, buttons=buttons)


@page
def code(request: HttpRequest) -> HttpResponse:
    """Type the code that was sent, or have another one sent."""
    asked = _asked(request)
    if asked is None or not is_offered():
        return HttpResponseRedirect(links.link(request, "signin"))
    if request.method == "POST" and request.POST.get("action") == "resend":
        return _resend(request, asked)
    form = _code_form(request)
    device = {"preAuthSessionId": asked.pre_auth_session_id, "deviceId": asked.device_id}
    typed = "".join(request.POST.get(TYPED, "").split())
    if request.method == "POST" and asked.has_code:
        return _consume(request, form, asked, {**device, "userInputCode": typed})
    return _show_code(request, form, asked)


@page
def link(request: HttpRequest) -> HttpResponse:
    """Where the link in a message leads.  Opening it changes nothing: robots follow the links in mails.

    On the device that asked for it, the page's script sends the form at once; everywhere else somebody has to press
    the button.
    """
    asked, key = (
        _asked(request),
        request.GET.get("preAuthSessionId", "").replace("\0", ""),
    )  # no database takes it
    if not is_offered():
        return HttpResponseRedirect(links.link(request, "signin"))
    is_own = asked is not None and asked.pre_auth_session_id == key
    form = RecipeForm((), request)
    if request.method == "POST":
        body = {"preAuthSessionId": key, "linkCode": request.POST.get(LINK_CODE, "")}
        return _consume(request, form, asked if is_own else None, body)
    return _show_link(request, form, asked if is_own else None)


def _consume(request: HttpRequest, form: RecipeForm, asked: Asked | None, data: JsonObject) -> HttpResponse:
    has_ended = False

    def act(data: JsonObject, tenant_id: str) -> None:
        nonlocal has_ended
        try:
            flows.consume_code(request, data, tenant_id, inputs.credentials(data))
        except RestartFlow:
            has_ended = True
            raise
        except (IncorrectUserInputCode, ExpiredUserInputCode) as error:
            raise FieldError([(TYPED, _wrong(error))]) from error

    if _submit(request, CONSUME, form, data, act, asked):
        return _forget(HttpResponseRedirect(links.destination(request)))
    if has_ended:
        return _forget(HttpResponseRedirect(_way_back(request, notice="code-ended")))
    if asked is not None and "userInputCode" in data:
        return _show_code(request, form, asked)
    return _show_link(request, form, asked)


def _resend(request: HttpRequest, asked: Asked) -> HttpResponse:
    form = _code_form(request)
    data = {"preAuthSessionId": asked.pre_auth_session_id, "deviceId": asked.device_id}
    has_ended = False

    def act(data: JsonObject, tenant_id: str) -> None:
        nonlocal has_ended
        try:
            flows.resend_code(request, data, tenant_id, asked.device_id)
        except RestartFlow:
            has_ended = True
            raise

    if asked.wait:
        form.add_error(None, _please_wait(asked.wait))
    elif _submit(request, RESEND, form, data, act, asked):
        again = Asked(**{**asdict(asked), "sent_at": clock.now_in_milliseconds()})
        return _remember(HttpResponseRedirect(links.link(request, "code", notice="code-sent")), again)
    if has_ended:
        return _forget(HttpResponseRedirect(_way_back(request, notice="code-ended")))
    return _show_code(request, form, asked)


def _submit(
    request: HttpRequest,
    endpoint: str,
    form: RecipeForm,
    data: JsonObject,
    act: Callable[[JsonObject, str], None],
    asked: Asked | None = None,
) -> bool:
    """Do what the API does at ``endpoint``; False, the reasons in the form, where it is refused."""
    tenant_id = asked.tenant_id if asked else links.tenant_id(request)
    try:
        form.full_clean()
        with admitted(endpoint, request, data, tenant_id):
            act(data, tenant_id)
    except SessionError:
        raise
    except SuperTokensError as error:
        remember_limit(request, error)
        if isinstance(error, SignInUpNotAllowed):
            form.add_error(None, gettext("You cannot sign in this way. Try another one, or ask for help."))
        else:
            form.refuse(error)
        return False
    rotate_token(request)
    return True


def _show_code(request: HttpRequest, form: RecipeForm, asked: Asked) -> HttpResponse:
    return show(request, "code", form=form, asked=asked, again=_way_back(request))


def _show_link(request: HttpRequest, form: RecipeForm, asked: Asked | None) -> HttpResponse:
    return show(request, "code_link", form=form, asked=asked, again=_way_back(request))


def _way_back(request: HttpRequest, **query: str) -> str:
    shown = {"show": "code"} if is_enabled("emailpassword:signin") else {}
    return links.link(request, "signin", **shown, **query)


# Forms


def _contact_form(request: HttpRequest) -> RecipeForm:
    settings = conf.section(PasswordlessConf)
    form = RecipeForm((FormField(CONTACT),), request)
    attrs: dict[str, Any] = {
        **form.fields[CONTACT].widget.attrs,
        "required": True,
        "autocapitalize": "none",
        "spellcheck": "false",
    }
    if not settings.takes_phone_numbers:
        widget: Any = forms.EmailInput({**attrs, "autocomplete": "email"})
        form.fields[CONTACT] = RecipeField(FormField(CONTACT), gettext("E-mail"), widget)
        return form
    number = gettext("Phone numbers with the country code, for instance +49 for Germany.")
    if not settings.takes_emails:
        widget = forms.TextInput({**attrs, "type": "tel", "autocomplete": "tel"})
        widget.input_type = "tel"
        form.fields[CONTACT] = RecipeField(FormField(CONTACT), gettext("Phone number"), widget, number)
        return form
    widget = forms.TextInput({**attrs, "autocomplete": "username"})
    form.fields[CONTACT] = RecipeField(FormField(CONTACT), gettext("E-mail or phone number"), widget, number)
    return form


def _contact_in(form: RecipeForm) -> JsonObject:
    value, settings = str(form.data.get(CONTACT, "")), conf.section(PasswordlessConf)
    is_email = (
        "@" in value if settings.takes_emails and settings.takes_phone_numbers else settings.takes_emails
    )
    return {"email" if is_email else "phoneNumber": value}


def _code_form(request: HttpRequest) -> RecipeForm:
    form = RecipeForm((FormField(TYPED),), request)
    attrs = {
        **form.fields[TYPED].widget.attrs,
        "required": True,
        "class": "st-code",
        "autocomplete": "one-time-code",
        "autocapitalize": "none",
        "spellcheck": "false",
    }
    if conf.section(PasswordlessConf).get_custom_user_input_code is None:
        attrs["inputmode"] = "numeric"
    form.fields[TYPED] = RecipeField(FormField(TYPED), gettext("Code"), forms.TextInput(attrs))
    return form


def _wrong(error: IncorrectUserInputCode | ExpiredUserInputCode) -> str:
    left = error.maximum_code_input_attempts - error.failed_code_input_attempt_count
    tries = ngettext("%(count)d try is left.", "%(count)d tries are left.", left) % {"count": left}
    if isinstance(error, ExpiredUserInputCode):
        return gettext("This code is too old. Have another one sent.") + " " + tries
    return gettext("This is not the code.") + " " + tries


def _please_wait(seconds: int) -> str:
    text = ngettext(
        "You can have another one sent in %(count)d second.",
        "You can have another one sent in %(count)d seconds.",
        seconds,
    )
    return text % {"count": seconds}


# The cookie


def _remember(response: HttpResponse, asked: Asked) -> HttpResponse:
    lifetime = clock.seconds(conf.section(PasswordlessConf).code_lifetime)
    value = signing.dumps(asdict(asked), salt=SALT)
    cookies.put(response, cookies.name_of(NAME), value, max_age=max(1, lifetime * 2))
    return response


def _forget(response: HttpResponse) -> HttpResponse:
    cookies.take_back(response, cookies.name_of(NAME))
    return response


def _asked(request: HttpRequest) -> Asked | None:
    try:
        return Asked(**signing.loads(request.COOKIES.get(cookies.name_of(NAME), ""), salt=SALT))
    except (signing.BadSignature, TypeError):
        return None
