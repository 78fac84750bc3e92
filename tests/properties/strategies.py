"""What the internet sends: JSON of every kind, texts no database stores, tokens that only look like ours."""

from __future__ import annotations

import base64
import json

from hypothesis import strategies as st

from tests.base import ALICE, BOB

HUGE_INTEGER = "7" * 6_000
"""More digits than Python reads into an integer by default."""

TROUBLE = [
    '""',
    '"\\u0000"',
    '"a\\u0000@example.com"',
    '"\\ud800"',
    '"\\udfff\\ud800@example.com"',
    '"\ud800"',
    '"' + "x" * 70_000 + '"',
    '"' + "@" * 2_000 + '"',
    '"' + "İ" * 200 + '@example.com"',
    HUGE_INTEGER,
    "-" + HUGE_INTEGER,
    "1e400",
    "-1e400",
    "1" * 300,
    "0.1" + "1" * 5_000,
    "NaN",
    "Infinity",
    "-Infinity",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[" * 600 + "]" * 600,
    "[" * 60_000 + "]" * 60_000,
    '{"a":' * 600 + "1" + "}" * 600,
    '{"id":"email","id":"password"}',
    '{"__proto__": {"a": 1}}',
    '"../../../etc/passwd"',
    '"\'; DROP TABLE users; --"',
    '"%s%n{0}{{7*7}}${7*7}"',
    '"\\u202e\\ufeff\\u2028"',
]
"""Pieces of JSON text (or nearly) that have broken somebody's server."""

any_character = st.characters(codec=None, categories=None)
any_text = st.text(any_character, max_size=40)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    any_text,
    st.sampled_from([ALICE.email, ALICE.password, BOB.email, "public", "token", "email", "password"]),
)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(any_text, st.sampled_from(["id", "value", "formFields", "token"])), inner, max_size=4
        ),
    ),
    max_leaves=12,
)
json_texts = st.one_of(
    st.sampled_from(TROUBLE),
    json_values.map(json.dumps),
    json_values.map(lambda value: json.dumps(value, ensure_ascii=False)),
)

field_ids = st.one_of(st.sampled_from(['"email"', '"password"', '"name"']), json_texts)


def _field(parts: tuple[str, str]) -> str:
    return f'{{"id": {parts[0]}, "value": {parts[1]}}}'


fields = st.tuples(field_ids, json_texts).map(_field)
sensible_fields = st.one_of(
    st.sampled_from([ALICE.email, BOB.email, "new@example.com"]).map(
        lambda text: _field(('"email"', json.dumps(text)))
    ),
    st.sampled_from([ALICE.password, "another 1"]).map(lambda text: _field(('"password"', json.dumps(text)))),
)
form_fields = st.one_of(
    st.lists(st.one_of(fields, sensible_fields, json_texts), max_size=4).map(
        lambda all_: f"[{', '.join(all_)}]"
    ),
    json_texts,
)


def _object(parts: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in parts.items()) + "}"


forms = st.fixed_dictionaries(
    {},
    optional={
        "formFields": form_fields,
        "token": json_texts,
        "method": json_texts,
        "shouldTryLinkingWithSessionUser": json_texts,
    },
).map(_object)


def _encoded(text: str) -> st.SearchStrategy[bytes]:
    return st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig"]).map(
        lambda encoding: text.encode(encoding, "surrogatepass")
    )


bodies = st.one_of(st.one_of(forms, json_texts).flatmap(_encoded), st.binary(max_size=60))
"""Whole bodies of a request, from nearly right to not even text."""

header_values = st.one_of(
    st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), max_size=60),
    st.sampled_from(
        ["", " ", ",", "9" * 6_000, "a" * 6_000, "é", "\xff\xfe", "\xc3\x28", "4.2," * 500, "-1", "NaN"]
    ),
)
"""Values as a server hands them on: bytes read as Latin-1."""

paths = st.one_of(
    st.lists(st.integers(0, 255), max_size=30).map(
        lambda octets: "".join(f"%{octet:02x}" for octet in octets)
    ),
    any_text.map(lambda text: "".join(f"%{octet:02x}" for octet in text.encode("utf-8", "surrogatepass"))),
    st.sampled_from(
        ["a" * 5_000, "-", "..", "%2e%2e", "%00", "public%00", "%0a", "%ff", "PUBLIC", "-" * 64, "0" * 65]
    ),
)
"""One segment of a path, percent-encoded."""


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


kids = st.one_of(
    json_texts,
    st.sampled_from(
        ['"d-1"', '"s-1"', '"d-' + "9" * 50_000 + '"', '"d-"', '"s-' + "x" * 50_000 + '"', '"d-\\u0000"']
    ),
)
jose_headers = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.one_of(st.sampled_from(['"RS256"', '"none"', '"HS256"']), json_texts),
        "typ": st.one_of(st.just('"JWT"'), json_texts),
        "version": st.one_of(
            st.sampled_from(['"5"', '"4"', '"3"', '"2"', '"1"', "5", '"-1"', '"٥"']), json_texts
        ),
        "kid": kids,
        "crit": json_texts,
        "b64": json_texts,
    },
).map(_object)
claims = st.fixed_dictionaries(
    {},
    optional={
        "sub": st.one_of(st.just('"somebody"'), json_texts),
        "rsub": st.one_of(st.just('"somebody"'), json_texts),
        "sessionHandle": st.one_of(st.just('"handle"'), json_texts),
        "refreshTokenHash1": st.one_of(st.just('"hash"'), json_texts),
        "parentRefreshTokenHash1": json_texts,
        "antiCsrfToken": json_texts,
        "exp": st.one_of(st.sampled_from(["0", "4102444800", "1e300"]), json_texts),
        "iat": st.one_of(st.sampled_from(["0", "4102444800"]), json_texts),
        "tId": st.one_of(st.just('"public"'), json_texts),
        "aud": json_texts,
    },
).map(_object)


def _part(text: str) -> str:
    return _base64url(text.encode("utf-8", "surrogatepass"))


jwts = st.tuples(
    st.one_of(jose_headers, json_texts), st.one_of(claims, json_texts), st.binary(max_size=300)
).map(lambda parts: f"{_part(parts[0])}.{_part(parts[1])}.{_base64url(parts[2])}")
"""Tokens of three parts that could be JWTs, well-formed or not."""

tokens = st.one_of(
    jwts,
    header_values,
    st.lists(st.from_regex(r"[A-Za-z0-9_\-+/=%]{0,20}", fullmatch=True), max_size=5).map(".".join),
    st.sampled_from(["..", "a.b.c", "." * 5_000, "a." * 5_000, "e30.e30.e30", "=.=.=", "%00.%00.%00"]),
    st.tuples(st.uuids(), st.integers(), st.binary(max_size=40)).map(
        lambda parts: f"{parts[0]}.{parts[1]}.{_base64url(parts[2])}"
    ),
)
"""Anything that may stand where an access or refresh token is expected."""
