"""Provider settings into :class:`ProviderConfig`, every mistake told with its path.

No message quotes a value: it may be a secret at the wrong place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from supertokens_django.conf import NestedProblems, Problem
from supertokens_django.parsers import Parser, boolean, class_path, function, optional, string
from supertokens_django.recipes.thirdparty.configuration import (
    ENDPOINTS,
    STORED_PARAMS,
    ClientConfig,
    ProviderConfig,
    UserFields,
    UserInfoMap,
)

ID_LENGTH = 28
"""Of a third party id (the core's column)."""
CLIENT_TYPE_LENGTH = 64


def provider_list(value: Any) -> tuple[ProviderConfig, ...]:
    """Parse ``THIRDPARTY["PROVIDERS"]``.

    Raises:
        ValueError: it is no list.
        NestedProblems: what is wrong in it.
    """
    return _each(value, provider)


def provider(value: Any) -> ProviderConfig:
    """Parse one provider; raises as :func:`provider_list`."""
    found = _Reader(value, PROVIDER, {"third_party_id", "clients"}).values()
    return ProviderConfig(**found)


def _client(value: Any) -> ClientConfig:
    return ClientConfig(**_Reader(value, CLIENT, {"client_id"}).values())


def _user_info_map(value: Any) -> UserInfoMap:
    return UserInfoMap(**_Reader(value, USER_INFO_MAP).values())


def _user_fields(value: Any) -> UserFields:
    return UserFields(**_Reader(value, USER_FIELDS).values())


class _Reader:
    """Reads a dict by parsers for its keys."""

    def __init__(self, raw: Any, parsers: Mapping[str, Parser], required: Iterable[str] = ()) -> None:
        if not isinstance(raw, Mapping):
            raise ValueError("must be a dict.")
        self.raw = raw
        self.parsers = parsers
        self.required = required
        self.problems: list[Problem] = []

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, parse in self.parsers.items():
            if name in self.raw:
                _note(self.problems, f"[{name!r}]", lambda: self._keep(found, name, parse))  # noqa: B023
            elif name in self.required:
                self.problems.append(Problem("required", f"[{name!r}]", "is missing."))
        self._look_for_unknown_keys()
        if self.problems:
            raise NestedProblems(self.problems)
        return found

    def _keep(self, found: dict[str, Any], name: str, parse: Parser) -> None:
        found[name] = parse(self.raw[name])

    def _look_for_unknown_keys(self) -> None:
        for name in self.raw:
            if name not in self.parsers:
                nearest = difflib.get_close_matches(_snake_case(str(name)), self.parsers, n=1, cutoff=0.5)
                hint = f"Did you mean {nearest[0]!r}?" if nearest else None
                self.problems.append(Problem("unknown", f"[{name!r}]", "is not a known setting.", hint))


def _note(problems: list[Problem], where: str, read: Callable[[], object]) -> None:
    """Call ``read``, and note what it has to complain about."""
    try:
        read()
    except NestedProblems as nested:
        problems.extend(nested.under(where))
    except ValueError as error:
        text = str(error)
        problems.append(Problem("import" if "cannot be imported" in text else "invalid", where, text))


def _each(value: Any, parse: Parser) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list.")
    found: list[Any] = []
    problems: list[Problem] = []
    for position, item in enumerate(value):
        _note(problems, f"[{position}]", lambda: found.append(parse(item)))  # noqa: B023 - called at once
    if problems:
        raise NestedProblems(problems)
    return tuple(found)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


# Values


def _third_party_id(value: Any) -> str:
    text = string(value).strip()
    if len(text) > ID_LENGTH or not re.fullmatch(r"[!-~]+", text) or ":" in text:
        raise ValueError(f"must have at most {ID_LENGTH} characters: ASCII, without blanks and colons.")
    return text


def credential(value: Any) -> Any:
    """Accept a text, a callable or ``{"env": "NAME"}``."""
    if callable(value) or (isinstance(value, str) and value.strip()):
        return value
    if (
        isinstance(value, Mapping)
        and set(value) == {"env"}
        and isinstance(value["env"], str)
        and value["env"]
    ):
        return dict(value)
    raise ValueError('must be a non-empty string, a callable, or a reference such as {"env": "NAME"}.')


def _client_type(value: Any) -> str:
    if len(text := string(value)) > CLIENT_TYPE_LENGTH:
        raise ValueError(f"must have at most {CLIENT_TYPE_LENGTH} characters.")
    return text


def _scope(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("must be a list of strings.")
    return tuple(value)


def _params(value: Any) -> dict[str, str | None]:
    is_good = isinstance(value, Mapping) and all(
        isinstance(name, str) and (item is None or isinstance(item, str)) for name, item in value.items()
    )
    if not is_good:
        raise ValueError("must be a dict of strings; None takes a parameter away.")
    return dict(value)


def _endpoint(value: Any) -> str:
    text = string(value).strip()
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError("must be a URL such as 'https://provider.example/authorize'.")
    return text


def _additional_config(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be a dict.")
    return dict(value)


def _clients(value: Any) -> tuple[ClientConfig, ...]:
    clients: tuple[ClientConfig, ...] = _each(value, _client)
    types = [client.client_type for client in clients]
    for position, client_type in enumerate(types):
        if client_type in types[:position]:
            text = (
                "is that of another client, too." if client_type else "is missing: there are several clients."
            )
            raise NestedProblems([Problem("invalid", f"[{position}]['client_type']", text)])
    return clients


USER_FIELDS: dict[str, Parser] = {
    "user_id": optional(string),
    "email": optional(string),
    "email_verified": optional(string),
}
USER_INFO_MAP: dict[str, Parser] = {
    "from_id_token_payload": _user_fields,
    "from_user_info_api": _user_fields,
}
CLIENT: dict[str, Parser] = {
    "client_id": credential,
    "client_secret": optional(credential),
    "client_type": optional(_client_type),
    "scope": optional(_scope),
    "force_pkce": optional(boolean),
    "additional_config": _additional_config,
}
PROVIDER: dict[str, Parser] = {
    "third_party_id": _third_party_id,
    "name": optional(string),
    "clients": _clients,
    **{name: optional(_endpoint) for name in ENDPOINTS},
    **{name: optional(_params) for name in STORED_PARAMS},
    "user_info_map": _user_info_map,
    "require_email": optional(boolean),
    "validate_id_token_payload": optional(function),
    "validate_access_token": optional(function),
    "generate_fake_email": optional(function),
    "include_in_non_public_tenants_by_default": boolean,
    "provider_class": optional(class_path),
}
"""The keys of a provider's dict."""
