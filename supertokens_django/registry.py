"""Recipes and their services: what a recipe declares about itself, and who is enabled.

Rooms never import upwards.  What a lower room needs from higher ones (which claims go into a new session, what a
user may do) it asks of the manifests here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string

from supertokens_django import conf


@dataclass(frozen=True)
class Expired:
    """Rows of one table that the clean-up may delete.

    ``rows`` gives, for a moment, those that have been of no use to anybody since then.  ``field`` is the time by which
    they expire; it has an index, unless the table is never large.
    """

    name: str
    """What they are, in the plural."""
    rows: Callable[[datetime], QuerySet[Any]]
    field: str = "expires_at"


@dataclass(frozen=True)
class Encrypted:
    """A column whose texts are encrypted by ``crypto.secrets``; an empty one is no text.

    A SECRET_KEY that is to go can go when ``manage.py supertokens_reencrypt`` has been through them.
    """

    name: str
    """What the rows are, in the plural."""
    rows: Callable[[], QuerySet[Any]]
    field: str


class Account(NamedTuple):
    """Whose account a request is about, whether there is one or not."""

    tenant_id: str
    identifier: str
    """In its stored form: what somebody signs in by."""


AccountOf = Callable[[HttpRequest, dict[str, Any], str], Account | None]
"""``(request, data, tenant_id)``, as a view gets them: ``data`` is not judged yet.  It raises nothing."""


@dataclass(frozen=True)
class Limit:
    """How often an endpoint may be called; the rates are defaults, which ``SUPERTOKENS["RATE_LIMITS"]`` may replace.

    A rate is ``"5/m"`` or ``"10/15m"``, several have commas between them, "" is none.  ``endpoint`` may also be a name
    under which guards alone are asked.
    """

    endpoint: str
    ip: str = ""
    """By the client's address."""
    account: str = ""
    """By whose account it is about, from wherever."""
    account_and_ip: str = ""
    """By both: somebody, from one address."""
    account_of: AccountOf | None = None
    """Needed for the last two.  What it gives is all that decides: unknown accounts count as others do."""
    counts_failures: bool = False
    """Whether calls that succeed are forgotten, because they prove who is calling."""


class Recipe:
    """The manifest of a recipe.  Subclass it; the dotted path of the subclass may stand in ``RECIPES``."""

    name: ClassVar[str] = ""
    """Short name: the folder of the recipe, and the first half of its endpoints' names."""
    section: ClassVar[type[conf.Section] | None] = None
    """The dataclass of its settings."""
    urls: ClassVar[str] = ""
    """Dotted path of the module with its ``urlpatterns``, "" without endpoints."""
    openapi: ClassVar[str] = ""
    """Dotted path of the module whose ``operations()`` describes them."""
    user_tools: ClassVar[str] = ""
    """Dotted path of the module whose ``USER_TOOLS`` are what staff can do with users in the admin."""
    can_change_email: ClassVar[bool] = False
    """Whether users may give its login methods another e-mail, by :meth:`change_email`."""
    factor_ids: ClassVar[tuple[str, ...]] = ()
    """The factors that it offers (FDI: emailpassword, thirdparty, otp-email, …)."""

    def powers(self, tenant_id: str, user_id: str) -> Collection[str]:
        """What a user may do by this recipe: roles, permissions.  Nobody acts as a user who has some that they lack."""
        return ()

    def limits(self) -> Sequence[Limit]:
        """Which of its endpoints have rate limits."""
        return ()

    def change_email(self, recipe_user_id: str, email: str) -> None:
        """Give a login method of this recipe an e-mail that was shown to be the user's.

        Raises:
            SuperTokensError: somebody else has it.
        """
        raise NotImplementedError(f"{self.name} sets can_change_email, and has no change_email()")

    def expired(self) -> Sequence[Expired]:
        """What ``manage.py supertokens_cleanup`` deletes of this recipe's."""
        return ()

    def encrypted(self) -> Sequence[Encrypted]:
        """What ``manage.py supertokens_reencrypt`` encrypts anew of this recipe's."""
        return ()

    def forget_users(self, user_ids: Collection[str]) -> None:
        """Delete what this recipe keeps under these user ids of ours; part of the deletion of their users."""

    def channels(self) -> Collection[str]:
        """The ways by which it reaches users as it is configured, "email" and "sms", for the system checks."""
        return ()

    def claims(self) -> Sequence[Any]:
        """The session claims built into every new session."""
        return ()

    def claim_validators(self) -> Sequence[Any]:
        """The claim validators that every verified request must pass unless it overrides them."""
        return ()


def load(name: str) -> Recipe:
    """Give the manifest of a built-in recipe by short name, or of an own one by the dotted path of its class."""
    if name in conf.BUILT_IN_RECIPES:
        return cast(Recipe, import_module(f"supertokens_django.recipes.{name}.recipe").recipe)
    try:
        manifest = import_string(name)
    except ImportError as error:
        raise ImproperlyConfigured(
            f"SUPERTOKENS['RECIPES'] names {name!r}, which is no recipe ({error})."
        ) from error
    if not (isinstance(manifest, type) and issubclass(manifest, Recipe)):
        raise ImproperlyConfigured(
            f"SUPERTOKENS['RECIPES'] names {name!r}, which is not a subclass of Recipe."
        )
    return manifest()


def mountable() -> Iterator[Recipe]:
    """The built-in recipes and the project's own, enabled or not.  Mistakes are for the system checks to report."""
    app = conf.parse(conf.AppConf)[0]
    for name in dict.fromkeys([*conf.BUILT_IN_RECIPES, *(app.recipes if app else ())]):
        with suppress(ImproperlyConfigured):
            yield load(name)


def patterns(recipe: Recipe) -> list[Any]:
    """The URL patterns of a recipe; none without endpoints."""
    return list(import_module(recipe.urls).urlpatterns) if recipe.urls else []


def endpoints(recipe: Recipe) -> list[Any]:
    """The endpoints behind the URL patterns of a recipe, each once."""
    found = [endpoint for pattern in patterns(recipe) for endpoint in getattr(pattern, "endpoints", ())]
    return list(dict.fromkeys(found))


def operations(recipe: Recipe) -> list[Any]:
    """What a recipe says about its endpoints, for the OpenAPI document."""
    return list(import_module(recipe.openapi).operations()) if recipe.openapi else []


def can_change_email(recipe: str) -> bool:
    """Tell whether users may give a login method of this recipe another e-mail."""
    return any(item.can_change_email for item in enabled() if item.name == recipe)


def change_email(recipe: str, recipe_user_id: str, email: str) -> None:
    """See :meth:`Recipe.change_email`."""
    load(recipe).change_email(recipe_user_id, email)


def user_tools() -> list[Any]:
    """What the enabled recipes let staff do with users in the admin."""
    modules = [import_module(recipe.user_tools) for recipe in enabled() if recipe.user_tools]
    return [tool for module in modules for tool in module.USER_TOOLS]


def enabled() -> tuple[Recipe, ...]:
    """The enabled recipes: the automatic ones, then ``RECIPES`` in their order."""
    global _enabled
    key = conf.state_key()
    if _enabled[0] is not key:
        _enabled = (key, tuple(load(name) for name in conf.app().enabled_recipes))
    return _enabled[1]


_enabled: tuple[object, tuple[Recipe, ...]] = (None, ())


def claim_validators() -> tuple[Any, ...]:
    """The claim validators of the enabled recipes, asked for once."""
    global _claim_validators
    key = conf.state_key()
    if _claim_validators[0] is not key:
        _claim_validators = (key, tuple(item for recipe in enabled() for item in recipe.claim_validators()))
    return _claim_validators[1]


_claim_validators: tuple[object, tuple[Any, ...]] = (None, ())


def powers(tenant_id: str, user_id: str) -> set[str]:
    """What the enabled recipes let a user do."""
    return {power for recipe in enabled() for power in recipe.powers(tenant_id, user_id)}


T = TypeVar("T")

SERVICES: dict[str, _ServiceProxy[Any]] = {}
"""Every lazy service by the key of its section; filled as the recipes are imported."""


def service(key: str) -> Any:
    """The configured service whose section has this key, for a room that may not import the service's own."""
    return SERVICES[key]


class _ServiceProxy(Generic[T]):
    """Stands for the configured service of a recipe; made anew when the settings are replaced."""

    def __init__(self, default: type[T], section: type[conf.Section]) -> None:
        self._default = default
        self._section = section
        self._made: tuple[object, T | None] = (None, None)

    def _make(self) -> T:
        service = self._service_class()()
        self._made = (conf.state_key(), service)
        return service

    def _service_class(self) -> type[T]:
        chosen = getattr(conf.section(self._section), "service_class", None) or self._default
        if not issubclass(chosen, self._default):
            where = f"SUPERTOKENS[{self._section.KEY!r}]['SERVICE_CLASS']"
            raise ImproperlyConfigured(f"{where} must be a subclass of {self._default.__qualname__}.")
        return cast(type[T], chosen)

    def problem(self) -> conf.Problem | None:
        """What is wrong with ``SERVICE_CLASS``, for the system checks."""
        if conf.parse(self._section)[1]:
            return None  # the section has problems of its own
        try:
            self._service_class()
        except ImproperlyConfigured as error:
            return conf.Problem("invalid", f"SUPERTOKENS[{self._section.KEY!r}]['SERVICE_CLASS']", str(error))
        return None

    def __getattr__(self, name: str) -> Any:
        made_for, service = self._made
        if service is None or made_for is not conf.state_key():
            service = self._make()
        return getattr(service, name)

    def __repr__(self) -> str:
        return f"<lazy {self._default.__name__}>"


def lazy_service(default: type[T], section: type[conf.Section]) -> T:
    """Give a stand-in for the service that ``SERVICE_CLASS`` of ``section`` names, ``default`` without one."""
    proxy = _ServiceProxy(default, section)
    SERVICES[section.KEY] = proxy
    return cast(T, proxy)
