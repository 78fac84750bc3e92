"""Named parts: each stands in the document once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supertokens_django.http.openapi import Component, Kind


class Parts:
    """Collects the components of a document while its other parts are written."""

    def __init__(self) -> None:
        self._given: dict[tuple[Kind, str], Mapping[str, Any]] = {}
        self._found: dict[tuple[Kind, str], Any] = {}

    def put(self, tree: Any, *, by_name: bool = False) -> Any:
        """``tree`` as JSON, a reference in the place of every component (or its name, as security schemes are used).

        Raises:
            ValueError: two different components of a kind have one name.
        """
        if isinstance(tree, Component):
            self._keep(tree)
            return tree.name if by_name else {"$ref": f"#/components/{tree.kind}/{tree.name}"}
        if isinstance(tree, Mapping):
            return {key: self.put(value) for key, value in tree.items()}
        if isinstance(tree, list | tuple):
            return [self.put(value) for value in tree]
        return tree

    def by_kind(self) -> dict[str, dict[str, Any]]:
        """The components as they stand in the document."""
        kinds: dict[str, dict[str, Any]] = {}
        for (kind, name), value in sorted(self._found.items(), key=lambda item: item[0]):
            kinds.setdefault(kind, {})[name] = value
        return kinds

    def _keep(self, component: Component) -> None:
        key = (component.kind, component.name)
        if self._given.get(key) == component.value:
            return
        value = self.put(component.value)
        if self._found.setdefault(key, value) != value:
            raise ValueError(f"two {component.kind} of the OpenAPI document are called {component.name!r}")
        self._given[key] = component.value
