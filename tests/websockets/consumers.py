"""The other end of a WebSocket: says who is connected, and obeys a little."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer

from supertokens_django.contrib.channels import Receive, Scope, Send, aget_user, ais_session_alive


def seen(scope: Scope, user: Any) -> dict[str, Any]:
    found = scope["supertokens"]
    return {
        "userId": found.get_user_id() if found else None,
        "pk": None if user.pk is None else str(user.pk),
        "subprotocols": list(scope["subprotocols"]),
        "headers": sorted(name.decode() for name, _ in scope["headers"]),
    }


class Chat(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """``{"do": "who"}`` and ``{"do": "alive"}``; what else it is sent it sends back."""

    left: list[int] = []

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        match content:
            case {"do": "who"}:
                await self.send_json(seen(self.scope, await aget_user(self.scope)))
            case {"do": "alive"}:
                await self.send_json({"alive": await ais_session_alive(self.scope)})
            case _:
                await self.send_json(content)

    async def disconnect(self, code: int) -> None:
        self.left.append(code)
        await self.send_json({"late": True})


class SyncChat(JsonWebsocketConsumer):  # type: ignore[misc]
    """Looks at the user without helping it to load."""

    def receive_json(self, content: Any, **kwargs: Any) -> None:
        self.send_json(seen(self.scope, self.scope["user"]))


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that knows nothing of Channels: accepts by itself, then repeats what it hears."""
    assert (await receive())["type"] == "websocket.connect"
    chosen = "chat" if "chat" in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})
        await asyncio.sleep(0)
