"""What every provider does the same way: generic OAuth 2 and OpenID Connect.  Subclass point of single providers."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, ClassVar

from supertokens_django import clock
from supertokens_django.conf import Problem
from supertokens_django.crypto.secrets import base64url
from supertokens_django.recipes.thirdparty import discovery, id_tokens
from supertokens_django.recipes.thirdparty.configuration import (
    STORED_PARAMS,
    STORED_TEXTS,
    ClientConfig,
    Params,
    ProviderConfig,
    UserFields,
    UserInfoMap,
)
from supertokens_django.recipes.thirdparty.exceptions import ProviderFailure, ProviderMisconfigured
from supertokens_django.recipes.thirdparty.merging import merged_map
from supertokens_django.recipes.thirdparty.providers import problems
from supertokens_django.recipes.thirdparty.providers.values import (
    AuthorisationUrl,
    Tokens,
    UserInfo,
    discovery_url,
    names_in,
    said,
    value_at,
    with_params,
)

DISCOVERED = {
    "authorization_endpoint": "authorization_endpoint",
    "token_endpoint": "token_endpoint",
    "user_info_endpoint": "userinfo_endpoint",
    "jwks_uri": "jwks_uri",
}
"""What a discovery document calls the endpoints that were left out."""


class Provider:
    """One client of one provider.  The class attributes are what the project need not write."""

    prefix: ClassVar[str] = ""
    """Third party ids that begin with it get this class; "" for the generic one."""
    name: ClassVar[str] = ""
    """What users read."""
    defaults: ClassVar[Mapping[str, Any]] = {}
    """Endpoints and parameters, by their names in the settings."""
    scope: ClassVar[tuple[str, ...]] = ()
    force_pkce: ClassVar[bool] = False
    user_info_map: ClassVar[UserInfoMap] = UserInfoMap(
        UserFields("sub", "email", "email_verified"), UserFields("sub", "email", "email_verified")
    )
    token_endpoint_auth_method: ClassVar[str] = "client_secret_post"
    """``client_secret_post`` or ``client_secret_basic``."""
    final_errors: ClassVar[frozenset[str]] = frozenset({"invalid_grant"})
    """What the token endpoint calls a grant that is good no more (RFC 6749 §5.2)."""
    additional_keys: ClassVar[tuple[str, ...]] = ()
    """What ``additional_config`` may have."""
    required_keys: ClassVar[tuple[str, ...]] = ()
    """What it must have, unless all settings ``instead_of_required_keys`` are there."""
    instead_of_required_keys: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def complete(cls, config: ProviderConfig) -> ProviderConfig:
        """A configuration with what is known of the provider where it was left out."""
        changes: dict[str, Any] = {
            name: getattr(config, name) or cls.defaults.get(name) for name in STORED_TEXTS
        }
        for name in STORED_PARAMS:
            changes[name] = {**cls.defaults.get(name, {}), **(getattr(config, name) or {})}
        if config.require_email is None:
            changes["require_email"] = cls.defaults.get("require_email")
        changes["name"] = config.name or cls.name or config.third_party_id
        if cls.prefix and changes["oidc_discovery_endpoint"]:
            changes["oidc_discovery_endpoint"] = discovery_url(changes["oidc_discovery_endpoint"])
        return replace(config, **changes, user_info_map=merged_map(cls.user_info_map, config.user_info_map))

    @classmethod
    def problems(cls, config: ProviderConfig, client: ClientConfig) -> Iterator[Problem]:
        """What is wrong with a client, for the system checks; the paths begin at its dict."""
        yield from problems.misspelt(client, cls.additional_keys)
        instead = [getattr(config, name) for name in cls.instead_of_required_keys]
        if not instead or not all(instead):
            yield from problems.missing(client, cls.required_keys)

    def __init__(self, config: ProviderConfig, client: ClientConfig) -> None:
        self.client = client
        self.config = self.configured(self.complete(config))

    def configured(self, config: ProviderConfig) -> ProviderConfig:
        """The completed configuration with what depends on ``self.client``, by its ``additional_config`` say."""
        return config

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.third_party_id}>"

    @property
    def third_party_id(self) -> str:
        return self.config.third_party_id

    @property
    def display_name(self) -> str:
        return self.config.name or self.third_party_id

    # The dance

    def authorisation_url(
        self, redirect_uri: str, *, state: str | None = None, nonce: str | None = None
    ) -> AuthorisationUrl:
        """Where a browser begins; ``redirect_uri`` is where the provider sends it afterwards.

        Raises:
            ProviderFailure: the provider's endpoint is not known.
        """
        params: dict[str, str | None] = {
            "client_id": self.client_id(),
            "redirect_uri": redirect_uri,
            "response_type": "code",
        }
        scope = self.scope if self.client.scope is None else self.client.scope
        if scope:
            params["scope"] = " ".join(scope)
        verifier = None
        if self.uses_pkce():
            verifier = secrets.token_urlsafe(48)  # 64 characters
            params["code_challenge"] = base64url(sha256(verifier.encode()).digest())
            params["code_challenge_method"] = "S256"
        params.update(self.config.authorization_endpoint_query_params or {})
        params.update({name: value for name, value in (("state", state), ("nonce", nonce)) if value})
        endpoint = self.required_endpoint("authorization_endpoint")
        return AuthorisationUrl(with_params(endpoint, params), verifier)

    def uses_pkce(self) -> bool:
        """With PKCE where there is no secret, or where it is asked for (FDI)."""
        forced = self.force_pkce if self.client.force_pkce is None else self.client.force_pkce
        return forced or not (self.client.client_secret or self.client_secret())

    def exchange_code(
        self, redirect_uri: str, query_params: Mapping[str, Any], pkce_code_verifier: str | None
    ) -> Tokens:
        """The tokens for a code; ``query_params`` are those with which the browser came back.

        Raises:
            ProviderFailure: the provider did not give any.
        """
        grant = {
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": str(query_params["code"]),
            "code_verifier": pkce_code_verifier,
        }
        return self._fetch_tokens(grant, self.config.token_endpoint_body_params)

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a refresh token; the old refresh token is among them where the provider keeps it.

        Raises:
            ProviderFailure: the provider did not give any; ``is_final`` tells that it never will.
        """
        grant = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return {"refresh_token": refresh_token, **self._fetch_tokens(grant)}

    def user_info(
        self, tokens: Mapping[str, Any], *, nonce: str | None = None, from_device: bool = False
    ) -> UserInfo:
        """Whose tokens these are.  ``nonce`` is what was sent along, None where nothing was.

        Tokens that come ``from_device`` may have been given to another app: they must be for a client of ours.

        Raises:
            ProviderFailure: the tokens are not to be believed, or the provider does not tell.
        """
        payload = self.id_token_payload(tokens, nonce=nonce, from_device=from_device)
        answer: Mapping[str, Any] = {}
        access_token = tokens.get("access_token")
        if access_token:
            answer = self._ask_who(tokens, payload, from_device=from_device)
        if not payload and (not access_token or (nonce is not None and self.endpoint("jwks_uri"))):
            raise self.failure("there is no token that could be verified")
        return self.mapped(payload, answer)

    # Hooks

    def client_id(self) -> str:
        return self.client.resolved_id

    def client_secret(self) -> str | None:
        return self.client.resolved_secret

    def issuers(self, payload: Mapping[str, Any]) -> Collection[str] | None:
        """Who may have issued an ID token; None where there is no discovery document that would say so."""
        issuer = self._discovered().get("issuer")
        return None if issuer is None else (issuer,)

    def check_id_token_payload(self, payload: Mapping[str, Any]) -> None:
        """Refuse a verified ID token by raising :meth:`failure`."""

    def verify_access_token_audience(self, access_token: str) -> None:
        """Refuse an access token from a device that was not given to a client of ours.

        Without a way to find out, only the project's ``validate_access_token`` can tell.
        """
        if self.config.validate_access_token is None:
            raise self.failure("nobody can tell for which client this access token was made")

    def fetch_user_info(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the user info endpoint says; {} without one."""
        endpoint = self.endpoint("user_info_endpoint")
        if endpoint is None:
            return {}
        found = self.get_json(
            endpoint,
            headers={
                "Authorization": f"Bearer {tokens['access_token']}",
                **(self.config.user_info_endpoint_headers or {}),
            },
            params=self.config.user_info_endpoint_query_params,
        )
        if not isinstance(found, dict):
            raise self.failure("told something else about the user than an object")
        return found

    def names(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
        """First and last name, "" where the provider does not tell (OpenID Connect Core 1.0 §5.1)."""
        return names_in({**answer, **payload})

    # Tools for hooks

    def failure(self, reason: str, provider_status: int | None = None) -> ProviderFailure:
        """The refusal to raise where the provider does not do its part; ``reason`` goes to the log."""
        return ProviderFailure(self.display_name, reason, provider_status)

    def endpoint(self, name: str) -> str | None:
        """An endpoint by its name in the settings: the configured one, else the one of the discovery document."""
        configured: str | None = getattr(self.config, name)
        return configured or self._discovered().get(DISCOVERED[name])

    def required_endpoint(self, name: str) -> str:
        if (found := self.endpoint(name)) is None:
            raise ProviderMisconfigured(self.display_name, f"has no {name}")
        return found

    def get_json(self, url: str, *, headers: Params | None = None, params: Params | None = None) -> Any:
        """The JSON behind a URL of the provider.

        Raises:
            ProviderFailure: there is none.
        """
        from supertokens_django.http.outgoing import OutgoingError, OutgoingSession

        try:
            with OutgoingSession() as session:
                return session.get_json(url, headers=said(headers), params=said(params))
        except OutgoingError as error:
            raise self.failure(str(error), error.status) from None

    def post_json(self, url: str, **kwargs: Any) -> Any:
        """The JSON that a POST is answered with; ``kwargs`` are those of ``requests``.  Raises as :meth:`get_json`."""
        from supertokens_django.http.outgoing import OutgoingError, OutgoingSession, json_of

        try:
            with OutgoingSession() as session:
                return json_of(session.post(url, **kwargs))
        except OutgoingError as error:
            raise self.failure(str(error), error.status) from None

    def all_client_ids(self) -> list[str]:
        """The ids of all clients of the provider."""
        return [self.client_id(), *(client.resolved_id for client in self.config.clients)]

    # Parts of the dance

    def id_token_payload(
        self, tokens: Mapping[str, Any], *, nonce: str | None = None, from_device: bool = False
    ) -> dict[str, Any]:
        """The payload of the ID token, verified; {} where there is none, or no key to verify one by.

        Raises:
            ProviderFailure: it is not to be believed.
        """
        token = tokens.get("id_token")
        jwks_uri = self.endpoint("jwks_uri") if token else None
        if not token or jwks_uri is None:
            return {}
        payload = self._verified(str(token), jwks_uri, nonce=nonce, from_device=from_device)
        if "user" in tokens:
            payload["user"] = tokens["user"]
        self.check_id_token_payload(payload)
        self._ask_project("validate_id_token_payload", payload)
        return payload

    def mapped(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> UserInfo:
        """The user in what was told; the ID token has the last word (FDI), on its own address only.

        Raises:
            ProviderFailure: there is no user id.
        """
        where = self.config.user_info_map
        pairs = ((answer, where.from_user_info_api), (payload, where.from_id_token_payload))

        def found(leaf: str, *, pairs: Any = pairs) -> Any:
            values = [value_at(source, getattr(paths, leaf)) for source, paths in pairs]
            return next((value for value in reversed(values) if value is not None), None)

        user_id, email = found("user_id"), found("email")
        if isinstance(user_id, bool) or not isinstance(user_id, str | int) or user_id == "":
            raise self.failure("told no user id")
        if email is not None and not isinstance(email, str):
            raise self.failure("told an e-mail address that is no text")
        about_it = [pair for pair in pairs if value_at(pair[0], pair[1].email) in (None, email)]
        first_name, last_name = self.names(payload, answer)
        return UserInfo(
            third_party_user_id=str(user_id),
            email=email or None,
            is_verified=str(found("email_verified", pairs=about_it)).lower() == "true",
            raw_user_info={"from_id_token_payload": payload, "from_user_info_api": answer},
            first_name=first_name,
            last_name=last_name,
        )

    def _ask_who(
        self, tokens: Mapping[str, Any], payload: Mapping[str, Any], *, from_device: bool
    ) -> Mapping[str, Any]:
        self._ask_project("validate_access_token", tokens["access_token"])
        answer = self.fetch_user_info(tokens)
        subjects = payload.get("sub"), answer.get("sub")
        if None not in subjects and subjects[0] != subjects[1]:  # OpenID Connect Core 1.0 §5.3.2
            raise self.failure("the two tokens are of different users")
        if from_device and None in subjects:
            self.verify_access_token_audience(tokens["access_token"])
        return answer

    def _verified(self, token: str, jwks_uri: str, *, nonce: str | None, from_device: bool) -> dict[str, Any]:
        from supertokens_django.http.outgoing import OutgoingError

        try:
            header = id_tokens.header_of(token)
            keys = discovery.keys(jwks_uri, header.get("kid"), header["alg"])
            unverified = id_tokens.unverified_payload(token)
            expected = id_tokens.Expected(
                audiences=self.all_client_ids() if from_device else [self.client_id()],
                issuers=self.issuers(unverified),
                nonce=nonce,
                is_for_one_client=not from_device,
            )
            return id_tokens.verify(token, keys, expected, clock.now_in_milliseconds() / 1000)
        except id_tokens.InvalidIdToken as error:
            raise self.failure(f"the ID token {error}") from None
        except OutgoingError as error:
            raise self.failure(str(error)) from None

    def _ask_project(self, name: str, value: Any) -> None:
        """Ask a callable of the settings about a token."""
        if (validate := getattr(self.config, name)) is not None:
            try:
                validate(value, replace(self.config, clients=(self.client,)))
            except ProviderFailure:
                raise
            except Exception as error:  # whatever it raises, it refuses
                raise self.failure(f"{name} raised {type(error).__name__}") from error

    def _fetch_tokens(self, grant: Mapping[str, str | None], changes: Params | None = None) -> Tokens:
        from supertokens_django.recipes.thirdparty.exchange import ExchangeError, OutgoingError, fetch_tokens

        client = (self.client_id(), self.client_secret())
        try:
            return fetch_tokens(
                self.required_endpoint("token_endpoint"),
                client,
                grant,
                method=self.token_endpoint_auth_method,
                changes=changes,
            )
        except ExchangeError as error:
            failure = self.failure(f"the token endpoint {error.reason}")
            failure.is_final = error.code in self.final_errors
            raise failure from None
        except OutgoingError as error:
            raise self.failure(str(error)) from None

    def _discovered(self) -> Mapping[str, str]:
        from supertokens_django.http.outgoing import OutgoingError

        if not self.config.oidc_discovery_endpoint:
            return {}
        try:
            return discovery.document(self.config.oidc_discovery_endpoint)
        except OutgoingError as error:
            raise self.failure(str(error)) from None


__all__ = ["AuthorisationUrl", "Provider", "Tokens", "UserInfo", "discovery_url"]
