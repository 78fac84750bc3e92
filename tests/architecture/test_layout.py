"""The rules of the house that import-linter cannot say; who may import whom is in ``setup.cfg``.

Each test lists the offenders, as ``path:line``, and expects none.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from tests.selection import SAME_ON_EVERY_DATABASE

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "supertokens_django"

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
MEDIAN_FUNCTION = 8
COROUTINES = "supertokens_django/recipes/session/coroutines.py"

OTHER_NAMES_FOR_FURNITURE = {
    "apis": "views",
    "constants": "conf, or the module that means them",
    "endpoints": "views",
    "errors": "exceptions",
    "forms": "inputs",
    "handlers": "views",
    "helpers": "a name that says what is in it",
    "interfaces": "service",
    "mails": "emails",
    "managers": "models",
    "querysets": "models",
    "responses": "outputs",
    "schemas": "inputs or outputs",
    "serializers": "inputs or outputs",
    "services": "service",
    "settings": "conf",
    "utils": "a name that says what is in it",
}


@dataclass(frozen=True)
class Module:
    path: Path

    @cached_property
    def source(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def parts(self) -> tuple[str, ...]:
        """``("recipes", "session", "service")``"""
        return self.path.relative_to(PACKAGE).with_suffix("").parts

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def room(self) -> tuple[str, ...]:
        """``("recipes", "session")`` in a recipe, else the top-level folder or module."""
        return self.parts[:2] if self.parts[0] == "recipes" else self.parts[:1]

    def at(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"

    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in self.nodes() if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in self.nodes() if isinstance(node, ast.ClassDef))

    def imports(self) -> Iterator[tuple[ast.stmt, str, str]]:
        """Each ``from module import name`` as (statement, module, name); ``import module`` has no name."""
        for node in self.nodes():
            if isinstance(node, ast.ImportFrom):
                yield from ((node, node.module or "", alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from ((node, alias.name, "") for alias in node.names)


MODULES = [Module(path) for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]
ROOMS = sorted(path for path in (PACKAGE / "recipes").iterdir() if (path / "__init__.py").exists())


class TestSize:
    def test_no_file_is_long(self) -> None:
        long = [f"{m.path.relative_to(ROOT)}: {lines}" for m in MODULES if (lines := count(m)) > LONGEST_FILE]
        assert long == []

    def test_no_function_is_long(self) -> None:
        long = [f"{m.at(f)} {f.name}: {length(f)}" for m in MODULES for f in m.functions() if is_long(f)]
        assert long == []

    def test_most_functions_are_short(self) -> None:
        lengths = sorted(length(function) for module in MODULES for function in module.functions())
        assert lengths[len(lengths) // 2] <= MEDIAN_FUNCTION


class TestFurniture:
    @pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
    def test_every_recipe_has_a_manifest(self, room: Path) -> None:
        assert (room / "recipe.py").is_file()

    def test_nothing_has_another_name_than_elsewhere(self) -> None:
        renamed = [
            f"{m.path.relative_to(ROOT)} belongs into {OTHER_NAMES_FOR_FURNITURE[m.name]}"
            for m in MODULES
            if len(m.parts) > 1 and m.room != ("http",) and m.name in OTHER_NAMES_FOR_FURNITURE
        ]
        assert renamed == []

    @pytest.mark.parametrize(
        ("base", "file"),
        [("Model", "models"), ("Section", "conf"), ("Recipe", "recipe"), ("SuperTokensError", "exceptions")],
    )
    def test_every_class_stands_in_the_file_named_after_its_kind(self, base: str, file: str) -> None:
        families = descendants(base)
        strays = [
            f"{m.at(c)} {c.name}"
            for m in MODULES
            for c in m.classes()
            if c.name in families and m.name != file and len(m.parts) > 1
        ]
        assert strays == []

    def test_every_signal_stands_in_signals(self) -> None:
        assert calls_outside("Signal", {"signals"}) == []

    def test_every_route_stands_in_urls(self) -> None:
        strays = [
            m.at(node)
            for m in MODULES
            for node in m.tree.body
            if m.name != "urls" and isinstance(node, ast.Assign) and assigns(node, "urlpatterns")
        ]
        assert strays == []


class TestRows:
    """Every room has its row in the import contract, so that none escapes it."""

    def test_every_room_has_its_row(self) -> None:
        contract = configparser.ConfigParser()
        contract.read(ROOT / "setup.cfg")
        rows = set(
            re.findall(r"supertokens_django\.([\w.]+)", contract["importlinter:contract:rooms"]["layers"])
        )
        rooms = {".".join(m.room) for m in MODULES} - {"__init__", "recipes.__init__"}
        assert rooms - rows == set()


class TestPrivacy:
    def test_nobody_imports_a_private_name_of_another_module(self) -> None:
        private = re.compile(r"(^|\.)_(?!_)")
        strays = [
            f"{m.at(node)} {module}.{name}"
            for m in MODULES
            for node, module, name in m.imports()
            if module.startswith("supertokens_django") and private.search(f"{module}.{name}")
        ]
        assert strays == []


class TestDuties:
    def test_only_conf_reads_the_settings_of_django(self) -> None:
        # The user model is named by its setting, in foreign keys and where its signals are connected.
        readers = {
            ".".join(m.parts)
            for m in MODULES
            for _, module, name in m.imports()
            if (module, name) == ("django.conf", "settings") and not reads_only_the_user_model(m)
        }
        assert readers == {"conf"}

    def test_services_read_no_request(self) -> None:
        # They may pass one on: a website's origin can depend on it, and receivers of signals are given it. The
        # session's service is the exception, because a request is what it reads sessions from.
        services = [m for m in MODULES if m.name == "service" and m.room != ("recipes", "session")]
        strays = [
            module.at(node)
            for module in services
            for node in module.nodes()
            if isinstance(node, ast.Attribute) and last_name(node.value) == "request"
        ]
        assert strays == []

    def test_what_is_pure_knows_no_database(self) -> None:
        strays = [
            f"{m.at(node)} {module}"
            for m in MODULES
            if m.name in {"inputs", "tokens", "verify"} or m.room == ("crypto",)
            for node, module, _ in m.imports()
            if module.startswith("django.db") or module.split(".")[-1] in {"models", "service"}
        ]
        assert strays == []

    def test_only_the_clock_asks_for_the_time(self) -> None:
        # So that a test that moves it moves everything. The migrations name the default of a tenant's creation.
        asks = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("time", "time")}
        strays = [
            module.at(node)
            for module in MODULES
            for node in module.nodes()
            if isinstance(node, ast.Attribute)
            and (last_name(node.value), node.attr) in asks
            and module.parts not in (("clock",), ("recipes", "multitenancy", "models"))
        ]
        assert strays == []

    def test_nothing_runs_an_event_loop(self) -> None:
        # But for coroutine functions of the project's own, which sync code has to wait for in one way or another.
        strays = names_used({"async_to_sync", "new_event_loop", "run_until_complete", "get_event_loop"})
        assert [place.partition(":")[0] for place in strays] == [COROUTINES]


class TestTwins:
    """``aname`` is the async twin of ``name``: the same arguments, nothing of its own."""

    def test_every_async_verb_has_the_signature_of_its_sync_twin(self) -> None:
        assert [twin for twin in twins() if not twin.agrees] == []

    def test_every_async_verb_is_one_line(self) -> None:
        assert [twin for twin in twins() if len(without_docstring(twin.other)) != 1] == []

    def test_every_async_verb_hands_each_argument_on_where_it_belongs(self) -> None:
        """But for the client of async tests, which waits for a request itself."""
        strays = [twin.where.rpartition(" ")[2] for twin in twins() if twin.call not in twin.right_calls]
        assert strays == ["arefresh"]

    def test_there_are_twins(self) -> None:
        assert any(twin.where.startswith("supertokens_django/recipes/session/service.py") for twin in twins())


@dataclass(frozen=True)
class Twin:
    where: str
    one: ast.FunctionDef | None
    other: ast.AsyncFunctionDef

    @property
    def agrees(self) -> bool:
        return self.one is not None and signature(self.one) == signature(self.other)

    @property
    def call(self) -> str:
        """What the verb does, without ``return``."""
        return ast.unparse(without_docstring(self.other)[0]).removeprefix("return ")

    @property
    def right_calls(self) -> set[str]:
        """In a thread, or at once where it asks no database."""
        given, name = arguments(self.other), self.other.name[1:]
        return {
            call
            for verb in (f"self.{name}", name)
            for call in (f"await sync_to_async({verb})({given})", f"{verb}({given})")
        }


def twins() -> Iterator[Twin]:
    for module in MODULES:
        for body in [module.tree.body, *(cls.body for cls in module.classes())]:
            by_name = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
            for node in body:
                if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("a"):
                    yield Twin(f"{module.at(node)} {node.name}", by_name.get(node.name[1:]), node)


def signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, str]:
    return ast.unparse(function.args), ast.unparse(function.returns) if function.returns else ""


def arguments(function: ast.AsyncFunctionDef) -> str:
    """Its own parameters, as it hands them on."""
    given = [item.arg for item in [*function.args.posonlyargs, *function.args.args] if item.arg != "self"]
    given += [f"{item.arg}={item.arg}" for item in function.args.kwonlyargs]
    given += [f"*{item.arg}" for item in [function.args.vararg] if item]
    given += [f"**{item.arg}" for item in [function.args.kwarg] if item]
    return ", ".join(given)


def without_docstring(function: ast.AsyncFunctionDef) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def count(module: Module) -> int:
    return len(module.source.splitlines())


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def is_long(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return length(function) > LONGEST_FUNCTION


def descendants(base: str) -> set[str]:
    """Names of the classes of the package that derive from ``base``, at any distance."""
    parents = {c.name: {last_name(b) for b in c.bases} for m in MODULES for c in m.classes()}
    found: set[str] = set()
    grown = True
    while grown:
        more = {name for name, bases in parents.items() if bases & {base, *found}} - found
        found |= more
        grown = bool(more)
    return found


def last_name(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Subscript():
            return last_name(node.value)
        case ast.Call():
            return last_name(node.func)
    return ""


def calls_outside(function: str, files: set[str]) -> list[str]:
    def is_call(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and last_name(node.func) == function

    return where(is_call, lambda module: module.name not in files)


def names_used(names: set[str]) -> list[str]:
    return where(lambda node: isinstance(node, ast.Name | ast.Attribute) and last_name(node) in names)


def where(
    matches: Callable[[ast.AST], bool], inside: Callable[[Module], bool] = lambda module: True
) -> list[str]:
    return [
        m.at(node)
        for m in MODULES
        if inside(m)
        for node in m.nodes()
        if matches(node) and isinstance(node, ast.expr | ast.stmt)
    ]


def reads_only_the_user_model(module: Module) -> bool:
    read = {
        node.attr
        for node in module.nodes()
        if isinstance(node, ast.Attribute) and last_name(node.value) == "settings"
    }
    return module.name in {"models", "apps"} and read == {"AUTH_USER_MODEL"}


def assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def test_what_is_left_out_on_other_databases_is_there() -> None:
    """A renamed file would silently be run on each of them again."""
    assert [name for name in SAME_ON_EVERY_DATABASE if not (ROOT / name).exists()] == []
