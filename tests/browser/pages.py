"""What the tests of our own pages share: a strict content policy, forms, looks, measured by axe-core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page
    from pytest_django.live_server_helper import LiveServer

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@contextmanager
def strict_policy(server: LiveServer) -> Iterator[None]:
    """Let a server allow what our own static files need, and nothing else.

    It has loaded Django's middleware long ago, so this is one of WSGI.
    """
    httpd = server.thread.httpd
    application: Any = httpd.get_app()

    def with_policy(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            return start_response(status, [*headers, ("Content-Security-Policy", POLICY)], *args)

        return application(environ, start)

    httpd.set_app(with_policy)
    yield
    httpd.set_app(application)


def errors_of(message: ConsoleMessage) -> list[str]:
    """What a message of the console complains about; that an answer in JSON has no icon is no complaint."""
    is_error = message.type == "error" and not message.location["url"].endswith("/favicon.ico")
    return [message.text] if is_error else []


def fill_in(tab: Page, **fields: str) -> None:
    for name, value in fields.items():
        tab.fill(f"[name={name}]", value)


def press(tab: Page, button: str) -> None:
    tab.get_by_role("button", name=button, exact=True).click()


def look(tab: Page, name: str, shot: Callable[[Page, str], None], axe: str) -> None:
    """Nothing for axe to complain about, dark on a small phone and light on a desk; pictures are kept."""
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        shot(tab, f"pages-{name}-{scheme}")
    for width in (1280, 390, 320):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert (found := violations(tab, axe)) == [], f"{name}, dark, 320 px: {found}"
    tab.set_viewport_size({"width": 1280, "height": 800})
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert (found := violations(tab, axe)) == [], f"{name}, light, 1280 px: {found}"


def violations(tab: Page, axe: str, disabled: list[str] | None = None) -> list[str]:
    """What axe-core finds, each with the elements concerned."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(axe)
    rules = {rule: {"enabled": False} for rule in disabled or []}
    found = tab.evaluate("options => axe.run(document, options)", {"rules": rules})
    return [f"{item['id']}: {[node['html'] for node in item['nodes']]}" for item in found["violations"]]
