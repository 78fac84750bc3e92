"""The provider's own pages, for a real browser, without JavaScript (but for the form that Apple submits by itself)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:10vh auto;padding:0 1rem}"
    "label,input{display:block;width:100%;box-sizing:border-box}input{margin:.25rem 0 1rem;padding:.5rem}"
    "button{padding:.5rem 1rem;margin-right:.5rem}"
)


def sign_in(provider: str, refusal: str = "") -> str:
    """Who are you?"""
    return _page(
        f"Sign in to {provider}",
        f"""<p role="alert">{escape(refusal)}</p><form method="post">
<label>E-mail or user name <input name="login" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button name="step" value="sign_in">Sign in</button></form>""",
    )


def consent(provider: str, client: str, login: str, scopes: str) -> str:
    """May this application know who you are?"""
    wanted = "".join(f"<li>{escape(scope)}</li>" for scope in scopes.split())
    return _page(
        f"{client} wants to use your {provider} account",
        f"""<p>Signed in as <b>{escape(login)}</b>.</p><ul>{wanted}</ul><form method="post">
<button name="step" value="accept">Accept</button><button name="step" value="cancel">Cancel</button></form>""",
    )


def form_post(action: str, fields: Mapping[str, str]) -> str:
    """Sends the answer to the client by POST: by itself, or by a button where scripts do not run.

    https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html
    """
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    return _page(
        "One moment",
        f"""<form method="post" action="{escape(action)}">{hidden}<button>Continue</button></form>
<script>document.forms[0].submit()</script>""",
    )


def error(text: str) -> str:
    """What a provider shows rather than sending anybody to an address that it does not know."""
    return _page("That did not work", f'<p role="alert">{escape(text)}</p>')


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<h1>{escape(title)}</h1>{content}</html>"
    )
