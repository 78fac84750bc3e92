"""Signing in with a provider: the buttons, the way there, and the page to which the provider sends the browser back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.translation import gettext

from supertokens_django import conf
from supertokens_django.exceptions import BadInputError, SessionError, SuperTokensError
from supertokens_django.http.endpoint import JsonObject, admitted, is_enabled, query
from supertokens_django.pages import dances, links, marks, texts, visitors
from supertokens_django.pages.conf import PagesConf
from supertokens_django.pages.dances import Dance
from supertokens_django.pages.page import passage, remember_limit, show
from supertokens_django.pages.visitors import Visitor
from supertokens_django.recipes.session.conf import cookie_same_site
from supertokens_django.recipes.thirdparty import flows
from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.inputs import RedirectInfo
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.catalogue import class_of
from supertokens_django.recipes.thirdparty.service import thirdparty
from supertokens_django.recipes.thirdparty.urls import apples_form_post

BEGIN, FINISH = "thirdparty:authorisationurl", "thirdparty:signinup"
CHOSEN = "thirdPartyId"
"""The name of the buttons."""
CANCELLED = re.compile(r"access_denied|user_(cancelled|denied)\w*")
"""What providers call it: RFC 6749 §4.1.2.1; Apple, LinkedIn and Facebook have names of their own."""


@dataclass(frozen=True)
class Button:
    """A provider that the visitor may choose."""

    third_party_id: str
    name: str

    @property
    def mark(self) -> list[str]:
        """Templates of its mark."""
        return marks.templates(self.third_party_id)


def is_offered() -> bool:
    return is_enabled(BEGIN) and is_enabled(FINISH)


def buttons(request: HttpRequest) -> list[Button]:
    """The providers of the tenant, in their order, where it is known which client is meant."""
    return [Button(one.third_party_id, name_of(one)) for one, _ in _choices(links.tenant_id(request))]


def name_of(config: ProviderConfig) -> str:
    return class_of(config).complete(config).name or config.third_party_id


def _choices(tenant_id: str) -> Iterator[tuple[ProviderConfig, str | None]]:
    """The providers with the client type to ask for: that of the pages, or none where there is but one client."""
    if not is_offered():
        return
    try:
        configs = thirdparty.list_provider_configs(tenant_id)
    except SuperTokensError:
        return  # there is no such tenant: the form says so to whoever sends it
    wanted = conf.section(PagesConf).client_type
    for config in configs:
        if wanted is not None and any(client.client_type == wanted for client in config.clients):
            yield config, wanted
        elif len(config.clients) == 1:
            yield config, None


@dataclass(frozen=True)
class Connected(Button):
    """An account at a provider by which the visitor signs in."""

    email: str | None


def connected(visitor: Visitor) -> list[Connected]:
    """The visitor's accounts at providers; one that is configured no more is named by its id."""
    if not visitor.provider_logins or not is_enabled(FINISH):
        return []
    configs = thirdparty.list_provider_configs(visitor.session.get_tenant_id())
    names = {config.third_party_id: name_of(config) for config in configs}
    found = ((method.third_party_id or "", visitors.email_of(method)) for method in visitor.provider_logins)
    return [Connected(own_id, names.get(own_id, own_id), email) for own_id, email in found]


# The way there


def begin(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the provider whose button was pressed.

    By a page that goes on at once and not by a redirect: a content policy with ``form-action 'self'`` allows no
    redirect of a form to another site.

    Raises:
        SuperTokensError: a guard refuses, or the provider cannot be asked.
    """
    third_party_id, tenant_id = request.POST.get(CHOSEN, ""), links.tenant_id(request)
    client_type = _client_type(tenant_id, third_party_id)
    data: JsonObject = {
        CHOSEN: third_party_id,
        "redirectURIOnProviderDashboard": "",
        "clientType": client_type,
    }
    provider = flows.provider_of(tenant_id, third_party_id, client_type)
    page = f"{conf.app().website_origin(request)}{_callback_path(request, third_party_id)}"
    data["redirectURIOnProviderDashboard"] = redirect_uri = _redirect_uri(provider, page)
    state = dances.new_state(page)
    nonce = secrets.token_urlsafe(16) if _gives_id_tokens(provider) else None
    with admitted(BEGIN, request, data, tenant_id):
        found = flows.authorisation_url(provider, redirect_uri, state=state, nonce=nonce)
    dance = Dance(
        third_party_id=third_party_id,
        tenant_id=tenant_id,
        redirect_uri=redirect_uri,
        state=state,
        nonce=nonce,
        verifier=found.pkce_code_verifier,
        client_type=client_type,
        next_path=links.wanted_path(request),
    )
    name = provider.display_name
    heading = gettext("Going on to %(provider)s") % {"provider": name}
    response = show(request, "onward", heading=heading, target=found.url, name=name)
    dances.keep(request, response, dance)
    return response


def _client_type(tenant_id: str, third_party_id: str) -> str | None:
    found = (kind for config, kind in _choices(tenant_id) if config.third_party_id == third_party_id)
    return next(found, None)


def _callback_path(request: HttpRequest, third_party_id: str) -> str:
    namespace = request.resolver_match.namespace if request.resolver_match else "supertokens_pages"
    return reverse(f"{namespace}:callback", args=[third_party_id])


def _redirect_uri(provider: Provider, page: str) -> str:
    """Where the provider sends the browser: to the page, or with a form post to the API, which sends it on there."""
    app, params = conf.app(), provider.config.authorization_endpoint_query_params or {}
    if params.get("response_mode") == "form_post":
        return f"{app.api_domain}{app.full_api_base_path}/callback/apple"
    return page


def _gives_id_tokens(provider: Provider) -> bool:
    scope = provider.scope if provider.client.scope is None else provider.client.scope
    return "openid" in (scope or ())


# The way back


@passage
def _callback(request: HttpRequest, third_party_id: str) -> HttpResponse:
    if request.method != "GET" or not is_offered():
        raise Http404
    try:
        params = query(request)
    except BadInputError:
        params = {}
    dance = dances.find(request, third_party_id, params.get("state", ""))
    if dance is None:
        return _lost(request)
    # From here on it is the query with which the visitor set out that counts.
    request.GET = QueryDict(urlencode(_began_with(dance)))
    response = _finish(request, dance, params)
    dances.forget(response, dance)
    return response


@wraps(_callback)  # with its exemptions
def callback(request: HttpRequest, third_party_id: str) -> HttpResponse:
    """Where the browser comes back from a provider; Apple's form, sent to the same path, is for the API."""
    if request.method == "POST" and third_party_id == "apple":
        answer: HttpResponse = apples_form_post(request)
        return answer
    return _callback(request, third_party_id=third_party_id)


def _began_with(dance: Dance) -> dict[str, str]:
    found = {"tenantId": dance.tenant_id, "next": dance.next_path or ""}
    return {name: value for name, value in found.items() if value}


def _lost(request: HttpRequest) -> HttpResponse:
    """This browser did not set out, or it came back before, or it took very long."""
    request.GET = QueryDict()
    if visitors.of(request) is not None:
        return HttpResponseRedirect(links.link(request, "signin"))
    return _refuse(
        request, gettext("This sign-in is over, or it was begun in another browser. Please begin again.")
    )


def _finish(request: HttpRequest, dance: Dance, params: JsonObject) -> HttpResponse:
    name = dance.third_party_id
    try:
        provider = flows.provider_of(dance.tenant_id, dance.third_party_id, dance.client_type)
        name = provider.display_name
        if CANCELLED.fullmatch(params.get("error", "")):
            return _refuse(request, gettext("It was cancelled at %(provider)s.") % {"provider": name})
        _sign_in_up(request, dance, provider, params)
    except SessionError:
        raise
    except SuperTokensError as error:
        remember_limit(request, error)
        return _refuse(request, texts.of_provider_error(error, name))
    # Whoever planted a CSRF cookie before must not know the one that is good afterwards.
    rotate_token(request)
    return _arrive(request)


def _sign_in_up(request: HttpRequest, dance: Dance, provider: Provider, params: JsonObject) -> None:
    redirect = RedirectInfo(dance.redirect_uri, params, dance.verifier)
    data: JsonObject = {
        CHOSEN: dance.third_party_id,
        "clientType": dance.client_type,
        "redirectURIInfo": {
            "redirectURIOnProviderDashboard": redirect.redirect_uri,
            "redirectURIQueryParams": params,
            "pkceCodeVerifier": redirect.pkce_code_verifier,
        },
    }
    with admitted(FINISH, request, data, dance.tenant_id):
        tokens, info = flows.exchange(provider, redirect, nonce=dance.nonce)
        flows.sign_in_up(request, data, dance.tenant_id, provider, tokens, info)


def _arrive(request: HttpRequest) -> HttpResponse:
    """To where the visitor was going.

    Cookies that are ``SameSite=Strict`` are not sent where another site's link leads, redirects included; a page of
    ours in between makes it our own.
    """
    target = links.destination(request)
    if cookie_same_site(request) != "strict":
        return HttpResponseRedirect(target)
    return show(
        request, "onward", heading=gettext("You are signed in"), target=target, name=conf.app().app_name
    )


def _refuse(request: HttpRequest, reason: str) -> HttpResponse:
    return show(request, "not_signed_in", reason=reason)
