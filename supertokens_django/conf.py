"""The ``SUPERTOKENS`` setting, parsed into frozen typed values; the only reader of ``django.conf``.

A room declares its settings as a frozen dataclass derived from :class:`Section` and reads them with :func:`section`.
One parser serves two readers: the system checks list every :class:`Problem`, the first use at run time raises
``ImproperlyConfigured``.  Parsed values are kept until the ``SUPERTOKENS`` dict is replaced.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.utils.module_loading import import_string

from supertokens_django.parsers import (
    Parser,
    boolean,
    class_path,
    domain,
    integer,
    keywords,
    optional,
    origin,
    path_prefix,
    sequence_of,
    string,
    without_credentials,
)

AUTOMATIC_RECIPES = ("multitenancy", "jwt", "openid", "session", "usermetadata")
"""Recipes that are always on, whether named in ``RECIPES`` or not."""

_CHOSEN_RECIPES = ("userroles", "emailverification", "emailpassword", "thirdparty", "passwordless")
BUILT_IN_RECIPES = AUTOMATIC_RECIPES + _CHOSEN_RECIPES
"""The recipes of this package, in the order in which their URLs are matched."""

NOWHERE = "https://invalid"
"""An origin that can be nobody's (RFC 2606)."""


@dataclass(frozen=True)
class Problem:
    """One mistake in the settings: ``kind`` chooses the check id, ``path`` is where, ``hint`` is the cure."""

    kind: str
    path: str
    message: str
    hint: str | None = None

    def __post_init__(self) -> None:
        # Messages quote values, and somebody may have written the URL of a cache where its alias belongs.
        object.__setattr__(self, "message", without_credentials(self.message))

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" + (f" {self.hint}" if self.hint else "")


def option(parse: Parser, default: Any = MISSING, *, help: str, secret: bool = False) -> Any:
    """Declare one setting of a :class:`Section`; its name in ``SUPERTOKENS`` is the attribute's name in upper case.

    ``secret`` says that a value may carry a secret: ``manage.py supertokens_doctor`` masks it.
    """
    metadata = {"parse": parse, "help": help, "secret": secret}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option,))
class _SectionType(type):
    """Makes every section a frozen keyword-only dataclass and remembers it by its key."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _SectionType:
        cls = dataclass(frozen=True, kw_only=True)(cast(Any, super().__new__(mcs, name, bases, namespace)))
        if namespace.get("KEY"):
            SECTIONS[namespace["KEY"]] = cls
        return cast(_SectionType, cls)


SECTIONS: dict[str, type[Section]] = {}
"""Every section by its key in ``SUPERTOKENS``; a room that extends another room's section takes its place."""


class Section(metaclass=_SectionType):
    """The settings of one room.  ``KEY`` is the name of its dict inside ``SUPERTOKENS`` ("" is the dict itself)."""

    KEY: ClassVar[str] = ""

    def contradictions(self) -> Iterator[Problem]:
        """Yield what is wrong with the values taken together."""
        yield from ()


def nested(cls: type[Section]) -> Parser:
    """Accept a dict whose keys are the options of ``cls``, a section without a ``KEY``, inside another section."""

    def parse(value: Any) -> Section:
        if not isinstance(value, Mapping):
            raise ValueError("must be a dict.")
        parsed, problems = _parse_mapping(cls, value, "")
        if parsed is None or problems:
            raise NestedProblems(problems)
        return parsed

    return parse


class NestedProblems(Exception):
    """What is wrong inside a nested dict; the paths begin there."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self._problems = problems

    def under(self, where: str) -> Iterator[Problem]:
        """The problems, their paths beginning at ``where``."""
        for problem in self._problems:
            yield replace(problem, path=where + problem.path)


# The top level of SUPERTOKENS


class AppConf(Section):
    """What belongs to the whole app: the keys of ``SUPERTOKENS`` that are not a recipe's own dict."""

    app_name: str = option(string, help="Name shown to users, in mails for instance.")
    api_domain: str = option(domain, help="Where this Django project answers, e.g. https://api.example.com.")
    website_domain: str | None = option(optional(domain), None, help="Where the frontend is served.")
    origin: Any = option(
        optional(origin), None, help="Replaces WEBSITE_DOMAIN: a domain, or a callable (request) -> domain."
    )
    api_base_path: str = option(path_prefix, "/auth", help="Where supertokens_django.urls is mounted.")
    website_base_path: str = option(path_prefix, "/auth", help="Where the frontend shows its auth pages.")
    api_gateway_path: str = option(
        path_prefix, "", help="Path that a gateway strips before Django sees the URL."
    )
    recipes: tuple[str, ...] = option(
        sequence_of(string), ("emailpassword",), help="Recipe names, or dotted paths of own Recipe classes."
    )
    guards: tuple[type, ...] = option(
        sequence_of(class_path),
        (),
        help="Classes asked before every endpoint: check(endpoint, request, data).",
    )
    flow_gates: tuple[type, ...] = option(
        sequence_of(class_path), (), help="Classes asked inside sign-in and sign-up: check(attempt, request)."
    )
    disabled_endpoints: tuple[str, ...] = option(
        sequence_of(string), (), help='Endpoints that answer 404, by URL name, e.g. "emailpassword:signup".'
    )
    hide_account_existence: bool = option(
        boolean, False, help="Tell nobody who has an account; a sign-up is finished by a mailed link."
    )
    trusted_proxy_count: int = option(
        integer(0, 20), 0, help="Reverse proxies in front of Django that append to X-Forwarded-For."
    )
    sms_backend: type | None = option(
        optional(class_path), None, help="Class that sends text messages: send_messages(messages)."
    )
    sms_backend_options: Mapping[str, Any] | None = option(
        optional(keywords), None, help="Keyword arguments of SMS_BACKEND.", secret=True
    )

    def contradictions(self) -> Iterator[Problem]:
        if self.website_domain is None and self.origin is None:
            missing, cure = "WEBSITE_DOMAIN (or ORIGIN) is missing.", 'Add "WEBSITE_DOMAIN": "https://…".'
            yield Problem("required", "SUPERTOKENS", missing, cure)

    @property
    def enabled_recipes(self) -> tuple[str, ...]:
        """The automatic recipes, then those of ``RECIPES`` in their order."""
        return (*AUTOMATIC_RECIPES, *(name for name in self.recipes if name not in AUTOMATIC_RECIPES))

    def is_enabled(self, recipe: str) -> bool:
        """Tell whether a recipe is on, by short name; those of the project's own are mounted only while they are."""
        return recipe in self.enabled_recipes or recipe not in BUILT_IN_RECIPES

    def website_origin(self, request: HttpRequest | None) -> str:
        """The website's origin for this request (``ORIGIN`` may be a callable), else ``WEBSITE_DOMAIN``.

        What a callable makes of a request's headers may be no origin at all; without a website it is then nowhere.
        """
        found = self.origin(request) if callable(self.origin) else self.origin
        try:
            return domain(found)
        except ValueError:
            return self.website_domain or NOWHERE

    @property
    def full_api_base_path(self) -> str:
        """The path of the auth API as a browser sees it."""
        return self.api_gateway_path + self.api_base_path

    @property
    def issuer(self) -> str:
        """``iss`` of the tokens that we sign: API domain and base path (FDI)."""
        return self.api_domain + self.full_api_base_path


# Reading

S = TypeVar("S", bound=Section)


class _State:
    """What has been parsed out of one ``SUPERTOKENS`` dict."""

    def __init__(self, raw: object) -> None:
        self.raw = raw
        self.sections: dict[type[Section], Section] = {}


_state = _State(None)
_read_settings: dict[str, Any] = vars(django_settings)


def _current() -> _State:
    # Compared by identity: a replaced dict takes effect at once, even where no setting_changed signal is sent.
    global _state
    # Looked up where Django keeps what it has read: asking the lazy object costs more than all the rest of a look-up.
    raw = _read_settings.get("SUPERTOKENS")
    if raw is None:
        raw = getattr(django_settings, "SUPERTOKENS", None)
    if _state.raw is not raw:
        _state = _State(raw)
    return _state


def _forget(*, setting: str, **kwargs: Any) -> None:
    global _state
    if setting == "SUPERTOKENS":
        _state = _State(None)


setting_changed.connect(_forget, dispatch_uid="supertokens_django.conf")


def section(cls: type[S]) -> S:
    """Give the parsed settings of ``cls``.

    Raises:
        ImproperlyConfigured: the section has a mistake; the message names every one.
    """
    state = _current()
    found: Any = state.sections.get(cls)
    if found is None:
        found, problems = parse(cls)
        if problems or found is None:
            raise ImproperlyConfigured("\n".join(str(problem) for problem in problems))
        state.sections[cls] = found
    return found  # type: ignore[no-any-return]


def app() -> AppConf:
    """The settings at the top level of ``SUPERTOKENS``."""
    return section(AppConf)


def state_key() -> object:
    """Something that changes its identity whenever the settings are replaced; for caches built from settings."""
    return _current()


def secret_keys() -> tuple[str, ...]:
    """Django's SECRET_KEY and its fallbacks, the one to sign with first."""
    return (django_settings.SECRET_KEY, *map(str, django_settings.SECRET_KEY_FALLBACKS))


def has_own_password_hashers() -> bool:
    """Tell whether the project has set ``PASSWORD_HASHERS``; Django's own default puts PBKDF2 first."""
    return bool(django_settings.is_overridden("PASSWORD_HASHERS"))


def has_password_validators() -> bool:
    return bool(django_settings.AUTH_PASSWORD_VALIDATORS)


def has_own_languages() -> bool:
    """Tell whether the project says in ``LANGUAGES`` which languages it speaks."""
    return bool(django_settings.is_overridden("LANGUAGES"))


def redirect_after_sign_in() -> str:
    """Django's LOGIN_REDIRECT_URL, a path or a URL name; "/" where the project has not set it."""
    # Django's own default, /accounts/profile/, is a page that few projects have.
    return (
        str(django_settings.LOGIN_REDIRECT_URL)
        if django_settings.is_overridden("LOGIN_REDIRECT_URL")
        else "/"
    )


def redirect_after_sign_out() -> str | None:
    """Django's LOGOUT_REDIRECT_URL, a path or a URL name; None where the project has not set it."""
    return str(django_settings.LOGOUT_REDIRECT_URL) if django_settings.LOGOUT_REDIRECT_URL else None


def of_project(name: str, default: Any = None) -> Any:
    """A setting of the project that is neither ours nor read by any room: for the system checks."""
    return getattr(django_settings, name, default)


def cache_aliases() -> Sequence[str]:
    return tuple(django_settings.CACHES)


def installed_apps() -> Sequence[str]:
    return tuple(django_settings.INSTALLED_APPS)


def parse(cls: type[S]) -> tuple[S | None, list[Problem]]:
    """Parse one section; returns the value (None when it could not be made) and every problem found."""
    raw, where, problems = raw_section(cls)
    value, found = _parse_mapping(cls, raw, where)
    return value, problems + found


def _parse_mapping(cls: type[S], raw: Mapping[str, Any], where: str) -> tuple[S | None, list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    known = {item.name.upper(): item for item in fields(cast(Any, cls))}
    for name, item in known.items():
        _parse_option(item, raw, f"{where}[{name!r}]", values, problems)
    problems.extend(_unknown_keys(cls, raw, where, known))
    if any(item.name not in values for item in known.values()):
        return None, problems
    value = cls(**values)
    problems.extend(value.contradictions())
    return value, problems


def raw_section(cls: type[Section]) -> tuple[Mapping[str, Any], str, list[Problem]]:
    """What the project has written for a section, where that stands, and what is wrong with it as a whole."""
    raw = _current().raw
    if not isinstance(raw, Mapping):
        hint = 'Add SUPERTOKENS = {"APP_NAME": …, "API_DOMAIN": …, "WEBSITE_DOMAIN": …} to the settings.'
        return (
            {},
            "SUPERTOKENS",
            [Problem("required", "SUPERTOKENS", "must be a dict.", hint)] if cls is AppConf else [],
        )
    if not cls.KEY:
        return raw, "SUPERTOKENS", []
    where = f"SUPERTOKENS[{cls.KEY!r}]"
    inner = raw.get(cls.KEY, {})
    if isinstance(inner, Mapping):
        return inner, where, []
    return {}, where, [Problem("invalid", where, "must be a dict.")]


def _parse_option(
    item: Field[Any], raw: Mapping[str, Any], where: str, values: dict[str, Any], problems: list[Problem]
) -> None:
    if (name := item.name.upper()) in raw:
        try:
            values[item.name] = item.metadata["parse"](raw[name])
        except NestedProblems as found:
            problems.extend(found.under(where))
        except ValueError as error:
            kind = "import" if "cannot be imported" in str(error) else "invalid"
            text = "cannot have this value." if item.metadata["secret"] else str(error)
            problems.append(Problem(kind, where, text, item.metadata["help"]))
    elif item.default is not MISSING:
        values[item.name] = item.default
    else:
        problems.append(Problem("required", where, "is missing.", item.metadata["help"]))


def _unknown_keys(
    cls: type[Section], raw: Mapping[str, Any], where: str, known: Mapping[str, object]
) -> Iterator[Problem]:
    if SECTIONS.get(cls.KEY, cls) is not cls:
        return  # a room above extends this section and judges all of its keys
    allowed = [*known, *(_section_keys(raw) if cls is AppConf else ())]
    for name in raw:
        if name not in allowed:
            nearest = difflib.get_close_matches(str(name).upper(), allowed, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {nearest[0]!r}?"
                if nearest
                else "Known keys: " + ", ".join(sorted(allowed)) + "."
            )
            yield Problem("unknown", f"{where}[{name!r}]", "is not a known setting.", hint)


def _section_keys(raw: Mapping[str, Any]) -> Iterator[str]:
    """The key of every section.  Those of the project's own recipes come with importing these."""
    recipes = raw.get("RECIPES")
    for name in recipes if isinstance(recipes, list | tuple) else ():
        if isinstance(name, str) and "." in name:
            with suppress(ImportError):  # the system checks report it
                import_string(name)
    yield from SECTIONS
