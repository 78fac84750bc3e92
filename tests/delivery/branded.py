"""A delivery with the colours and the logo of a project."""

from __future__ import annotations

from typing import Any

from supertokens_django.delivery.message import Draft
from supertokens_django.delivery.service import DeliveryService


class Branded(DeliveryService):
    def context(self, draft: Draft) -> dict[str, Any]:
        return {
            **super().context(draft),
            "brand_color": "#0a7d4f",
            "brand_color_dark": "#7fe0b5",
            "on_brand_color_dark": "#04271a",
            "logo_url": "https://acme.com/logo.png",
        }
