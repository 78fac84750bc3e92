"""The account page: where its visitor is signed in, accounts at providers, and the password."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from supertokens_django.exceptions import FieldError
from supertokens_django.http.endpoint import JsonObject
from supertokens_django.pages import (
    devices,
    inputs,
    links,
    navigation,
    texts,
    thirdparty,
    verification,
    visitors,
)
from supertokens_django.pages.inputs import CURRENT_PASSWORD, NEW_PASSWORD, RecipeForm
from supertokens_django.pages.page import page, show, submit
from supertokens_django.pages.visitors import Visitor
from supertokens_django.recipes.emailpassword import flows
from supertokens_django.recipes.emailpassword.exceptions import PasswordPolicyViolated, WrongCredentials
from supertokens_django.recipes.emailverification.conf import is_required
from supertokens_django.recipes.session.service import session
from supertokens_django.registry import Account
from supertokens_django.users.models import LoginMethod

REVOKE, CHANGE_PASSWORD = "session:revoke", "emailpassword:change_password"
"""Under these names guards are asked."""


@page
def account(request: HttpRequest) -> HttpResponse:
    """Show the account; a form's ``action`` says what to do: ``revoke``, ``revoke-others``, ``change-…``."""
    visitor = visitors.of(request, checks_claims=True)
    if visitor is None:
        if is_required() and visitors.of(request) is not None:
            return HttpResponseRedirect(links.link(request, "verify_email"))
        return navigation.to_sign_in(request) or HttpResponseRedirect(links.link(request, "signin"))
    action = request.POST.get("action") if request.method == "POST" else None
    if action is not None and visitor.is_impersonated:
        raise PermissionDenied  # who acts as somebody may look, and change nothing
    if action == "change-password" and visitor.password_login is not None:
        return _change_password(request, visitor, visitor.password_login)
    if action == "change-email" and visitor.password_login and verification.can_change_email(visitor):
        form = verification.change_email(request, visitor, visitor.password_login)
        if form is None:
            return HttpResponseRedirect(links.link(request, "account", notice="change-sent"))
        return _show(request, visitor, email_form=form)
    if action == "revoke" and request.POST.get("session") == visitor.session.get_handle():
        return HttpResponseRedirect(links.link(request, "signout"))
    if action in ("revoke", "revoke-others"):
        return _revoke(request, visitor, others=action == "revoke-others")
    return _show(request, visitor)


def _revoke(request: HttpRequest, visitor: Visitor, *, others: bool) -> HttpResponse:
    form = inputs.sign_out_form(request)

    def act(request: HttpRequest, *_: object) -> None:
        if others:
            session.revoke_other_sessions_for_user(visitor.user_id, visitor.session.get_handle())
            return
        # Only what is theirs: a handle of somebody else counts as one that has ended already.
        own = session.get_all_session_handles_for_user(visitor.user_id)
        session.revoke_multiple_sessions([handle for handle in own if handle == request.POST.get("session")])

    if submit(request, REVOKE, form, act):
        notice = "others-signed-out" if others else "device-signed-out"
        return HttpResponseRedirect(links.link(request, "account", notice=notice))
    return _show(request, visitor, devices_form=form)


def _change_password(request: HttpRequest, visitor: Visitor, login: LoginMethod) -> HttpResponse:
    form = inputs.change_password_form(request)

    def act(request: HttpRequest, data: JsonObject, tenant_id: str, fields: JsonObject) -> None:
        try:
            flows.change_password(
                request, visitor.session, login, fields[CURRENT_PASSWORD], fields[NEW_PASSWORD]
            )
        except WrongCredentials as error:
            raise FieldError([(CURRENT_PASSWORD, str(texts.NOT_YOUR_PASSWORD))]) from error
        except PasswordPolicyViolated as error:
            raise FieldError([(NEW_PASSWORD, error.failure_reason)]) from error

    account = Account(visitor.session.get_tenant_id(), login.email or "")
    if submit(request, CHANGE_PASSWORD, form, act, account):
        return HttpResponseRedirect(links.link(request, "account", notice="password-set"))
    return _show(request, visitor, password_form=form)


def _show(
    request: HttpRequest,
    visitor: Visitor,
    *,
    password_form: RecipeForm | None = None,
    devices_form: RecipeForm | None = None,
    email_form: RecipeForm | None = None,
) -> HttpResponse:
    found = devices.of(visitor)
    has_password = visitor.password_login is not None and not visitor.is_impersonated
    return show(
        request,
        "account",
        visitor=visitor,
        devices=found,
        has_other_devices=any(not device.is_this_one for device in found),
        devices_form=devices_form,
        connected=thirdparty.connected(visitor),
        password_form=(password_form or inputs.change_password_form(request, is_new=True))
        if has_password
        else None,
        email_form=(email_form or inputs.change_email_form(request, is_new=True))
        if verification.can_change_email(visitor)
        else None,
        form=password_form or devices_form or email_form,
    )
