"""Whose e-mail is to be verified: a login method of ours, or a user whom only the project knows."""

from __future__ import annotations

from dataclasses import dataclass

from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.emailverification.conf import emailverification_conf
from supertokens_django.recipes.emailverification.exceptions import UnknownUserId
from supertokens_django.recipes.emailverification.models import EMAIL_LENGTH
from supertokens_django.recipes.session.coroutines import finished
from supertokens_django.users import accounts
from supertokens_django.users.accounts import normalise_email
from supertokens_django.users.models import EXTERNAL_ID_LENGTH, LoginMethod


@dataclass(frozen=True)
class Holder:
    """A user id and an e-mail."""

    key: str
    """The id under which rows are kept: ours, else the one that was given."""
    recipe_user_id: str
    """As clients use it."""
    login_method: LoginMethod | None
    email: str | None
    """Normalised; None for a user without one."""

    @property
    def has_own_email(self) -> bool:
        """Whether it is the e-mail by which the login method signs in."""
        return self.login_method is not None and self.login_method.email == self.email

    def require_storable(self) -> str:
        """Give the e-mail, which there is.

        Raises:
            BadInputError: id or e-mail are empty, or longer than what is kept.
        """
        email = self.email or ""
        if not (0 < len(self.key) <= EXTERNAL_ID_LENGTH and 0 < len(email) <= EMAIL_LENGTH):
            raise BadInputError(
                f"The user ID must have 1 to {EXTERNAL_ID_LENGTH}, the e-mail 1 to {EMAIL_LENGTH} characters"
            )
        return email


def find(recipe_user_id: str, email: str | None = None) -> Holder:
    """The holder of an e-mail; without one that of the user's own.  An empty one is nobody's, and not the user's own.

    Raises:
        UnknownUserId: no e-mail was given, and nobody has the id.
    """
    who = accounts.resolve(recipe_user_id)
    method = who.login_method
    key = recipe_user_id if method is None else method.id
    if email is not None:
        return Holder(key, who.recipe_user_id, method, normalise_email(email))
    own = normalise_email(_email_of(recipe_user_id, method))
    return Holder(key, who.recipe_user_id, method, own or None)


def _email_of(recipe_user_id: str, method: LoginMethod | None) -> str:
    """What the project says, else the login method's; "" for none."""
    hook = emailverification_conf().get_email_for_recipe_user_id
    found = None if hook is None else finished(hook(recipe_user_id))
    if found is not None:
        return found
    if method is None:
        raise UnknownUserId
    return method.email or ""
