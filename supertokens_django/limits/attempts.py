"""One call of a limited endpoint: counted before it is made, and after it as its outcome wants."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from supertokens_django import clock
from supertokens_django.exceptions import SessionError, SuperTokensError
from supertokens_django.limits import counters, stage, subjects
from supertokens_django.limits.conf import ACCOUNT, ACCOUNT_AND_IP, IP
from supertokens_django.limits.counters import Counter
from supertokens_django.limits.exceptions import LimitsUnavailable, TooManyRequests
from supertokens_django.limits.plans import Plan, plan_of, plans
from supertokens_django.limits.stage import settings
from supertokens_django.parsers import without_credentials
from supertokens_django.registry import Account

logger = logging.getLogger("supertokens_django")

SILENCE = 60
"""Seconds between two complaints about the cache, per process."""
RETRY_AFTER_BREAKDOWN = 30


@contextmanager
def counted(
    endpoint: str,
    request: HttpRequest,
    data: dict[str, Any],
    tenant_id: str,
    address: str | None,
    account: Account | None = None,
) -> Iterator[None]:
    """Count what happens inside as one call of ``endpoint``.

    ``account`` is whom it is about, where the caller knows better than what the recipe reads out of ``data``.

    Raises:
        TooManyRequests: there have been too many; it has not happened.
        LimitsUnavailable: they cannot be counted, and ``FAIL_OPEN`` is off; it has not happened.
    """
    if (plan := plan_of(endpoint)) is None:
        yield
        return
    if account is None and plan.limit.account_of is not None:
        account = plan.limit.account_of(request, data, tenant_id)
    attempt = Attempt(plan, account, subjects.network_of(address))
    attempt.begin()
    try:
        yield
    except SessionError:
        attempt.take_back()  # it did not come to the credentials; frontends refresh and call again
        raise
    except SuperTokensError:
        raise
    except BaseException:
        attempt.take_back()  # our fault, not the visitor's: no outage ends in lock-outs
        raise
    attempt.succeed()


class Attempt:
    """A call on its way."""

    def __init__(self, plan: Plan, account: Account | None, network: str | None) -> None:
        self.plan, self.account, self.network = plan, account, network
        self.counters: list[Counter] = []
        self.pair: list[Counter] = []
        """Those of the counters that are for account and address together."""

    def begin(self) -> None:
        """Count it.

        Raises:
            TooManyRequests: it is one too many; it is not counted then.
            LimitsUnavailable: the cache is broken, and ``FAIL_OPEN`` is off.
        """
        try:
            wait = self._begin(stage.cache())
        except Exception as error:
            _complain(error)
            if not settings().fail_open:
                text = gettext("This is not possible at the moment. Please try again in a minute.")
                raise LimitsUnavailable(text, RETRY_AFTER_BREAKDOWN) from None
            return
        if wait:
            seconds = -(-wait // 1000)
            raise TooManyRequests(text_of(seconds), seconds)

    def _begin(self, cache: BaseCache) -> int:
        self._find_counters(cache)
        if not self.counters:
            return 0
        if wait := counters.wait(cache, self.counters):  # most of a flood ends here, and writes nothing
            return wait
        counters.count(cache, self.counters)
        if wait := counters.wait(cache, self.counters, is_counted=True):
            counters.take_back(cache, self.counters)
        return wait

    def _find_counters(self, cache: BaseCache) -> None:
        now, limits = clock.now_in_milliseconds(), self.plan.rates
        found: dict[str, list[str]] = {}
        if self.network is not None:
            found[IP] = [self.network]
        if self.account is not None:
            epoch, is_known = self._state(cache, self.account)
            # Who floods an account from elsewhere does not lock its owner out at home: tries from there are held by
            # the limit of account and address alone.
            if not (is_known and ACCOUNT_AND_IP in limits):
                found[ACCOUNT] = [*self.account, epoch]
            if self.network is not None:
                found[ACCOUNT_AND_IP] = [*self.account, epoch, self.network]
        for scope, subject in found.items():
            name = subjects.hidden(self.plan.limit.endpoint, scope, *subject)
            made = [Counter(name, rate, now) for rate in limits.get(scope, ())]
            self.counters += made
            if scope == ACCOUNT_AND_IP:
                self.pair = made

    def _state(self, cache: BaseCache, account: Account) -> tuple[str, bool]:
        if not {ACCOUNT, ACCOUNT_AND_IP} & set(self.plan.rates):
            return "", False
        epoch = subjects.epoch(account)
        known = subjects.known_address(account, self.network) if self.network is not None else None
        found = cache.get_many(filter(None, [epoch, known]))
        return str(found.get(epoch, "")), known in found

    def take_back(self) -> None:
        """It is as if it had not been."""
        _try(lambda cache: counters.take_back(cache, self.counters))

    def succeed(self) -> None:
        """Where failures are what counts, forget this try, and the earlier ones from here for the same account."""
        if self.plan.limit.counts_failures:
            _try(self._forgive)

    def _forgive(self, cache: BaseCache) -> None:
        counters.take_back(cache, [counter for counter in self.counters if counter not in self.pair])
        counters.clear(cache, self.pair)
        if self.account is not None and self.network is not None:
            _know(cache, self.account, self.network)


def know(account: Account, address: str | None) -> None:
    """Remember an address as that of an account's owner, who has proved to be it, and forget the account's tries."""
    network = subjects.network_of(address)

    def work(cache: BaseCache) -> None:
        begin_epoch(cache, account)
        if network is not None:
            _know(cache, account, network)

    if stage.is_enabled():
        _try(work)


def remember(account: Account, address: str | None) -> None:
    """Remember an address as that of an account's owner; the tries on the account stay."""
    if stage.is_enabled() and (network := subjects.network_of(address)) is not None:
        _try(lambda cache: _know(cache, account, network))


def _know(cache: BaseCache, account: Account, network: str) -> None:
    if lifetime := clock.seconds(settings().known_address_lifetime):
        cache.set(subjects.known_address(account, network), 1, lifetime)


def begin_epoch(cache: BaseCache, account: Account) -> None:
    """Forget an account's tries: those of another epoch are not found, and the cache drops them in time."""
    longest = max((plan.longest for plan in plans().values()), default=0)
    cache.set(subjects.epoch(account), secrets.token_hex(8), longest * 2 + 60)


def text_of(seconds: int) -> str:
    """What a visitor is told, in their language."""
    if seconds < 60:
        text = ngettext(
            "Too many attempts. Please try again in %(count)d second.",
            "Too many attempts. Please try again in %(count)d seconds.",
            seconds,
        )
        return text % {"count": seconds}
    if (minutes := -(-seconds // 60)) < 120:
        text = ngettext(
            "Too many attempts. Please try again in %(count)d minute.",
            "Too many attempts. Please try again in %(count)d minutes.",
            minutes,
        )
        return text % {"count": minutes}
    hours = -(-seconds // 3600)
    text = ngettext(
        "Too many attempts. Please try again in %(count)d hour.",
        "Too many attempts. Please try again in %(count)d hours.",
        hours,
    )
    return text % {"count": hours}


def _try(work: Callable[[BaseCache], None]) -> None:
    try:
        work(stage.cache())
    except Exception as error:
        _complain(error)


_complained_at = -float(SILENCE)


def _complain(error: Exception) -> None:
    global _complained_at
    now = clock.monotonic()
    if now - _complained_at < SILENCE:
        return
    _complained_at = now
    what = "everything passes" if settings().fail_open else "what is limited is refused"
    cause = f"{type(error).__name__}: {without_credentials(str(error))}"
    logger.error("Rate limits: the cache %r cannot count, so %s (%s).", settings().cache, what, cause)
