"""Showing that an e-mail address is one's own: the page that asks for it, the landing page of the link, a new address.

The landing page asks for a click, because mail systems follow the links of mails: to look changes nothing.
"""

from __future__ import annotations

from contextlib import suppress

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from supertokens_django.exceptions import FieldError, SuperTokensError
from supertokens_django.flow.authenticate import is_fake_email
from supertokens_django.http.endpoint import JsonObject, is_enabled
from supertokens_django.pages import inputs, links, navigation, texts, visitors
from supertokens_django.pages.inputs import RecipeForm
from supertokens_django.pages.page import page, show, submit
from supertokens_django.pages.visitors import Visitor
from supertokens_django.recipes.emailpassword import flows as password_flows
from supertokens_django.recipes.emailpassword.exceptions import WrongCredentials
from supertokens_django.recipes.emailpassword.inputs import EMAIL, PASSWORD
from supertokens_django.recipes.emailverification import flows
from supertokens_django.recipes.emailverification.claims import EmailVerificationClaim
from supertokens_django.recipes.emailverification.conf import is_required
from supertokens_django.recipes.emailverification.exceptions import EmailAlreadyVerified
from supertokens_django.recipes.emailverification.service import emailverification
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.registry import Account
from supertokens_django.users.accounts import normalise_email
from supertokens_django.users.models import LoginMethod

ASK, VERIFY = navigation.ASK_FOR_LINK, "emailverification:verify"
CHANGE_EMAIL = "emailverification:change_email"
"""Under this name guards and rate limits are asked."""
SENT, CORRECTED = "verification-sent", "change-sent"


@page
def verify_email(request: HttpRequest) -> HttpResponse:
    """Ask for a link; with its ``?token=`` ask for a click, which verifies."""
    token = request.GET.get("token")
    if not is_enabled(VERIFY if token else ASK):
        raise Http404
    return _confirm(request, token) if token else _ask(request)


def _ask(request: HttpRequest) -> HttpResponse:
    visitor = visitors.of(request)
    if visitor is None:
        return navigation.to_sign_in(request) or HttpResponseRedirect(links.link(request, "signin"))
    if flows.is_verified(request, visitor.session):  # the session hears of it, too
        return HttpResponseRedirect(links.destination(request))
    if request.method == "POST" and request.POST.get("action") == "change-email":
        return _correct(request, visitor)
    form = inputs.sign_out_form(request)

    def act(request: HttpRequest, *_: object) -> None:
        with suppress(EmailAlreadyVerified):  # a moment ago, in another browser
            flows.send_link(request, visitor.session)

    if not visitor.is_impersonated and submit(request, ASK, form, act, _account_of(visitor.session)):
        return HttpResponseRedirect(links.link(request, "verify_email", notice=SENT))
    return _show(request, visitor, form)


def _correct(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who mistyped the address at sign-up reads no link, and reaches no account page: they correct it here.

    By the same rules as there: with the password, and by a link to the new address.
    """
    login = visitor.password_login
    if login is None or not _can_correct(visitor):
        raise PermissionDenied
    form = change_email(request, visitor, login)
    if form is None:
        return HttpResponseRedirect(links.link(request, "verify_email", notice=CORRECTED))
    return _show(request, visitor, inputs.sign_out_form(request), form)


def _can_correct(visitor: Visitor) -> bool:
    """Tell whether the address that is asked about is that of the password."""
    login, own_id = visitor.password_login, visitor.session.get_recipe_user_id()
    return login is not None and login.id == own_id and can_change_email(visitor)


def _show(
    request: HttpRequest, visitor: Visitor, form: RecipeForm, email_form: RecipeForm | None = None
) -> HttpResponse:
    notice = request.GET.get("notice") if request.method != "POST" else None
    is_correcting = email_form is not None
    if email_form is None and _can_correct(visitor):
        email_form = inputs.change_email_form(request, is_new=True)
    return show(
        request,
        "verify_email",
        visitor=visitor,
        form=email_form if is_correcting else form,
        ask_form=form,
        email_form=email_form,
        is_correcting=is_correcting,
        address=emailverification.get_email_for_recipe_user_id(visitor.session.get_recipe_user_id()),
        is_sent=notice == SENT,
        is_corrected=notice == CORRECTED,
    )


def _confirm(request: HttpRequest, token: str) -> HttpResponse:
    form = inputs.sign_out_form(request)

    def act(request: HttpRequest, data: JsonObject, tenant_id: str, fields: JsonObject) -> None:
        visitor = visitors.of(request)
        flows.verify(request, visitor.session if visitor else None, tenant_id, token)

    if submit(request, VERIFY, form, act, method="token", token=token):
        return HttpResponseRedirect(links.link(request, "signin", notice="email-verified"))
    return show(request, "confirm_email", form=form)


def after_sign_up(request: HttpRequest) -> HttpResponse | None:
    """Where the settings demand it, mail the link to whoever has just signed up, and lead to the page that says so."""
    made: SessionContainer | None = getattr(request, "supertokens", None)
    if made is None or not is_required() or not is_enabled(ASK):
        return None
    if made.get_claim_value(EmailVerificationClaim) is not False:
        return None
    with suppress(SuperTokensError):  # the page has a button to try again
        flows.send_link(request, made)
    return HttpResponseRedirect(links.link(request, "verify_email", notice=SENT))


def can_change_email(visitor: Visitor) -> bool:
    """Tell whether the account page offers it: to who signs in by a password, which is asked for."""
    return visitor.password_login is not None and not visitor.is_impersonated and is_enabled(VERIFY)


def change_email(request: HttpRequest, visitor: Visitor, login: LoginMethod) -> RecipeForm | None:
    """Mail a link to a new address; None when it is on its way, else the form with the reasons."""
    form, change = inputs.change_email_form(request), password_flows.request_email_change

    def act(request: HttpRequest, data: JsonObject, _: str, fields: JsonObject) -> None:
        if is_fake_email(normalise_email(fields[EMAIL])):
            raise FieldError([(EMAIL, "Email is not valid")])
        try:
            change(request, visitor.session, login, fields[PASSWORD], fields[EMAIL])
        except WrongCredentials as error:
            raise FieldError([(PASSWORD, str(texts.NOT_YOUR_PASSWORD))]) from error
        except EmailAlreadyVerified as error:
            raise FieldError([(EMAIL, str(texts.YOUR_EMAIL_ALREADY))]) from error

    return None if submit(request, CHANGE_EMAIL, form, act, _account_of(visitor.session)) else form


def _account_of(current: SessionContainer) -> Account:
    return Account(current.get_tenant_id(), current.get_recipe_user_id())
