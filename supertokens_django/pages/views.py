"""The pages: each shows a form and does what the API's endpoint does, by the same flows."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from supertokens_django.exceptions import SessionError, SuperTokensError
from supertokens_django.http.endpoint import JsonObject, ask_guards, is_enabled
from supertokens_django.pages import (
    inputs,
    links,
    navigation,
    passwordless,
    texts,
    thirdparty,
    verification,
    visitors,
)
from supertokens_django.pages.inputs import RecipeForm
from supertokens_django.pages.page import page, passage, remember_limit, show, submit
from supertokens_django.recipes.emailpassword import flows
from supertokens_django.recipes.emailpassword.exceptions import SignUpByMail
from supertokens_django.recipes.emailpassword.inputs import EMAIL, PASSWORD
from supertokens_django.recipes.emailpassword.service import emailpassword
from supertokens_django.recipes.session import policy, transport
from supertokens_django.recipes.session.flows import sign_out_of_page
from supertokens_django.recipes.session.outputs import error_response
from supertokens_django.recipes.session.service import session

SIGN_IN, SIGN_UP, SIGN_OUT = "emailpassword:signin", "emailpassword:signup", "session:signout"
RESET_TOKEN, RESET = "emailpassword:reset_token", "emailpassword:reset"


@page
def signin(request: HttpRequest) -> HttpResponse:
    """Sign in, or sign up with ``?show=signup``; who is signed in already is told so."""
    if request.method != "POST" and (visitor := visitors.of(request)) is not None:
        return show(request, "signed_in", visitor=visitor)
    if thirdparty.CHOSEN in request.POST and thirdparty.is_offered():
        return _with_provider(request)
    is_sign_up = _wants_to_sign_up(request)
    is_code = request.GET.get("show") == "code" or not (is_sign_up or is_enabled(SIGN_IN))
    if is_code and passwordless.is_offered():
        return passwordless.ask(request)
    if not is_enabled(SIGN_UP if is_sign_up else SIGN_IN):
        if not thirdparty.is_offered():
            raise Http404
        return _show_ways(request)
    return _sign_up(request) if is_sign_up else _sign_in(request)


def _wants_to_sign_up(request: HttpRequest) -> bool:
    return request.GET.get("show") == "signup" and is_enabled(SIGN_UP)


def _sign_in(request: HttpRequest) -> HttpResponse:
    form = inputs.sign_in_form(request)
    if submit(request, SIGN_IN, form, flows.sign_in):
        return HttpResponseRedirect(links.destination(request))
    return _show_ways(request, form)


def _sign_up(request: HttpRequest) -> HttpResponse:
    form = inputs.sign_up_form(request)
    goes_on_by_mail = False

    def act(*arguments: Any) -> None:
        nonlocal goes_on_by_mail
        try:
            flows.sign_up(*arguments)
        except SignUpByMail:
            goes_on_by_mail = True

    if submit(request, SIGN_UP, form, act):
        if goes_on_by_mail:
            return HttpResponseRedirect(links.link(request, "reset_password", notice="sign-up-sent"))
        return verification.after_sign_up(request) or HttpResponseRedirect(links.destination(request))
    return _show_ways(request, form)


def _with_provider(request: HttpRequest) -> HttpResponse:
    try:
        return thirdparty.begin(request)
    except SessionError:
        raise
    except SuperTokensError as error:
        remember_limit(request, error)
        return _show_ways(request, _unsent_form(request), refusal=texts.of_error(error))


def _unsent_form(request: HttpRequest) -> RecipeForm | None:
    """The form beside the buttons, as it is before anybody has filled it in."""
    if _wants_to_sign_up(request):
        return inputs.sign_up_form(request, is_posted=False)
    return inputs.sign_in_form(request, is_posted=False) if is_enabled(SIGN_IN) else None


def _show_ways(request: HttpRequest, form: RecipeForm | None = None, refusal: str = "") -> HttpResponse:
    """The page with all ways to sign in, or to sign up."""
    template = "signup" if _wants_to_sign_up(request) else "signin"
    return show(request, template, form=form, refusal=refusal, buttons=thirdparty.buttons(request))


@page
def signout(request: HttpRequest) -> HttpResponse:
    """Ask whether to sign out, and do it."""
    _require(SIGN_OUT)
    form = inputs.sign_out_form(request)
    if submit(request, SIGN_OUT, form, lambda request, *_: sign_out_of_page(request)):
        return HttpResponseRedirect(links.destination_after_sign_out(request))
    if transport.ACCESS_COOKIE not in request.COOKIES:
        return HttpResponseRedirect(links.link(request, "signin"))
    return show(request, "sign_out", form=form, visitor=visitors.of(request))


@page
def reset_password(request: HttpRequest) -> HttpResponse:
    """Ask for a reset link; with its ``?token=`` set a new password."""
    token = request.GET.get("token")
    return _set_password(request, token) if token else _ask_for_link(request)


def _ask_for_link(request: HttpRequest) -> HttpResponse:
    _require(RESET_TOKEN)
    form = inputs.reset_link_form(request)

    def act(request: HttpRequest, data: JsonObject, tenant_id: str, fields: JsonObject) -> None:
        emailpassword.request_password_reset(tenant_id, fields[EMAIL], request)

    if submit(request, RESET_TOKEN, form, act):
        return HttpResponseRedirect(links.link(request, "reset_password", notice="link-sent"))
    if request.method != "POST" and request.GET.get("notice") in ("link-sent", "sign-up-sent"):
        return show(request, "link_sent")
    return show(request, "reset_password", form=form)


def _set_password(request: HttpRequest, token: str) -> HttpResponse:
    _require(RESET)
    form = inputs.new_password_form(request)

    def act(request: HttpRequest, data: JsonObject, tenant_id: str, fields: JsonObject) -> None:
        flows.reset_password(request, tenant_id, token, fields[PASSWORD])

    if submit(request, RESET, form, act, method="token", token=token):
        return HttpResponseRedirect(links.link(request, "signin", notice="password-changed"))
    return show(request, "new_password", form=form)


@passage
def refresh(request: HttpRequest) -> HttpResponse:
    """Exchange the session's tokens and go on to ``?next=``, with the form that came; without a session if need be."""
    if not navigation.may_refresh(request):
        return HttpResponseRedirect(links.destination(request))
    policy.mark_navigation(request)
    try:
        ask_guards(navigation.REFRESH, request, {})
        session.refresh_session(request)
    except SessionError as error:
        error_response(request, error)  # takes the tokens away, and tells the project's handlers
    except SuperTokensError:
        pass  # a guard refuses: the session stays as it is
    return navigation.back(request)


def _require(endpoint: str) -> None:
    """Answer 404 where the settings have switched the endpoint off, as the API does."""
    if not is_enabled(endpoint):
        raise Http404
