"""Settings of the third-party recipe."""

from __future__ import annotations

from collections.abc import Iterator

from supertokens_django.conf import Problem, Section, option
from supertokens_django.parsers import boolean, class_path, optional
from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.parsing import provider_list
from supertokens_django.recipes.thirdparty.providers.base import Provider

WHERE = "SUPERTOKENS['THIRDPARTY']['PROVIDERS']"


class ThirdPartyConf(Section):
    """``SUPERTOKENS["THIRDPARTY"]``."""

    KEY = "THIRDPARTY"

    providers: tuple[ProviderConfig, ...] = option(
        provider_list,
        (),
        secret=True,
        help="The providers, each a dict; a tenant with providers of its own in the database has those instead.",
    )
    store_tokens: bool = option(
        boolean, False, help="Keep the providers' access and refresh tokens, encrypted, for later calls."
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of ThirdPartyService.")

    def contradictions(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for position, provider in enumerate(self.providers):
            where = f"{WHERE}[{position}]"
            if provider.third_party_id in seen:
                text = f"is {provider.third_party_id!r}, as that of another provider."
                yield Problem("invalid", f"{where}['third_party_id']", text)
            seen.add(provider.third_party_id)
            chosen = provider.provider_class
            if chosen is not None and not issubclass(chosen, Provider):
                yield Problem("invalid", f"{where}['provider_class']", "must be a subclass of Provider.")
