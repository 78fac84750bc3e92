"""Settings of the user metadata recipe."""

from __future__ import annotations

from supertokens_django.conf import Section, option
from supertokens_django.parsers import class_path, optional


class UserMetadataConf(Section):
    """``SUPERTOKENS["USERMETADATA"]``."""

    KEY = "USERMETADATA"

    service_class: type | None = option(optional(class_path), None, help="Subclass of UserMetadataService.")
