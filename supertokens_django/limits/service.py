"""What the project's own code asks of the rate limits: who is locked out, and that it ends."""

from __future__ import annotations

from dataclasses import dataclass

from asgiref.sync import sync_to_async

from supertokens_django import clock
from supertokens_django.exceptions import BadInputError
from supertokens_django.limits import attempts, counters, stage, subjects
from supertokens_django.limits.conf import ACCOUNT, IP
from supertokens_django.limits.counters import Counter
from supertokens_django.limits.plans import plans
from supertokens_django.registry import Account


@dataclass(frozen=True)
class Lockout:
    """An endpoint that refuses somebody for now, and for how many seconds more."""

    endpoint: str
    retry_after: int


class RateLimits:
    """The verbs; an ``identifier`` is what somebody signs in by, an e-mail address in lower case for instance.

    They ask the cache, and let its errors through.
    """

    def get_lockouts(self, tenant_id: str, identifier: str) -> list[Lockout]:
        """Where an account is locked out for everybody who does not come from an address known as its owner's."""
        account = Account(tenant_id, identifier)
        epoch = str(stage.cache().get(subjects.epoch(account), ""))
        return self._lockouts(ACCOUNT, [*account, epoch])

    async def aget_lockouts(self, tenant_id: str, identifier: str) -> list[Lockout]:
        """See :meth:`get_lockouts`."""
        return await sync_to_async(self.get_lockouts)(tenant_id, identifier)

    def get_lockouts_of_ip_address(self, address: str) -> list[Lockout]:
        """Where an address is locked out, whatever the account; of an IPv6 address, its /64.

        Raises:
            BadInputError: it is no IP address.
        """
        return self._lockouts(IP, [self._network(address)])

    async def aget_lockouts_of_ip_address(self, address: str) -> list[Lockout]:
        """See :meth:`get_lockouts_of_ip_address`."""
        return await sync_to_async(self.get_lockouts_of_ip_address)(address)

    def lift(self, tenant_id: str, identifier: str) -> None:
        """Forget all tries on an account, at every endpoint and from everywhere.  Those of addresses stay."""
        attempts.begin_epoch(stage.cache(), Account(tenant_id, identifier))

    async def alift(self, tenant_id: str, identifier: str) -> None:
        """See :meth:`lift`."""
        await sync_to_async(self.lift)(tenant_id, identifier)

    def lift_ip_address(self, address: str) -> None:
        """Forget all tries of an address, at every endpoint; of an IPv6 address, those of its /64.

        Raises:
            BadInputError: it is no IP address.
        """
        found = [self._counters(endpoint, IP, [self._network(address)]) for endpoint in plans()]
        counters.clear(stage.cache(), [counter for group in found for counter in group])

    async def alift_ip_address(self, address: str) -> None:
        """See :meth:`lift_ip_address`."""
        await sync_to_async(self.lift_ip_address)(address)

    def _lockouts(self, scope: str, subject: list[str]) -> list[Lockout]:
        found = {endpoint: self._counters(endpoint, scope, subject) for endpoint in plans()}
        waits = {name: counters.wait(stage.cache(), group) for name, group in found.items() if group}
        return [Lockout(name, -(-wait // 1000)) for name, wait in waits.items() if wait]

    def _counters(self, endpoint: str, scope: str, subject: list[str]) -> list[Counter]:
        name, now = subjects.hidden(endpoint, scope, *subject), clock.now_in_milliseconds()
        return [Counter(name, rate, now) for rate in plans()[endpoint].rates.get(scope, ())]

    def _network(self, address: str) -> str:
        if (network := subjects.network_of(address)) is None:
            raise BadInputError("This is no IP address")
        return network


ratelimits = RateLimits()
