"""One access token has one spelling: another one would be taken for another token."""

from __future__ import annotations

import pytest

from tests.assertions import TRY_REFRESH_TOKEN, assert_json
from tests.client import FrontendClient

RESPELT = {
    "with padding": "{}==",
    "with one sign of padding": "{}=",
    "with what is not base64 at its end": "{}!!!!",
    "with what is not ASCII at its end": "{}é",
}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def other_last_letters(token: str) -> list[str]:
    """The tokens whose last letter differs in bits that a decoder drops."""
    last = ALPHABET.index(token[-1])
    return [token[:-1] + ALPHABET[last ^ bits] for bits in range(1, 16)]


@pytest.mark.parametrize("form", RESPELT.values(), ids=RESPELT)
def test_a_signature_spelt_otherwise_is_refused(form: str, frontend: FrontendClient) -> None:
    respelt = form.format(frontend.access_token)

    response = FrontendClient("header").get("/test/sync", headers={"authorization": f"Bearer {respelt}"})

    assert_json(response, 401, TRY_REFRESH_TOKEN)


def test_the_last_letter_counts_whole(frontend: FrontendClient) -> None:
    for respelt in other_last_letters(frontend.access_token or ""):
        response = FrontendClient("header").get("/test/sync", headers={"authorization": f"Bearer {respelt}"})
        assert_json(response, 401, TRY_REFRESH_TOKEN)


@pytest.mark.parametrize("padding", ["=", "=="])
def test_a_planted_cookie_with_padding_does_not_hide_that_there_are_two(
    padding: str, alice: str, bob: str
) -> None:
    """Pairs with a second equals sign are not counted as duplicates (FDI): who plants one must not win by it."""
    browser, mallory = FrontendClient("cookie"), FrontendClient("cookie")
    browser.post("/test/login", {"userId": alice})
    mallory.post("/test/login", {"userId": bob})
    planted = f"sAccessToken={browser.access_token}; sAccessToken={mallory.access_token}{padding}"

    response = browser.get("/test/sync", headers={"cookie": planted})

    assert_json(response, 401, TRY_REFRESH_TOKEN)
