"""What Django users are made with, beside what they always have (``DJANGO_USER["FIELDS"]``)."""

from supertokens_django.models import LoginMethod, User


def fields(user: User, login_method: LoginMethod) -> dict[str, str]:
    """Somebody who has no e-mail address is greeted by their phone number."""
    return {"last_name": login_method.phone_number} if login_method.phone_number else {}
