"""Every mistake that the system checks know, by number.  A number keeps its meaning; ``docs/checks.md`` explains it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.checks import CheckMessage, Error, Warning

MISTAKES: dict[str, Mistake] = {}
"""By id, in order of number."""


@dataclass(frozen=True)
class Mistake:
    """One kind of mistake.  The letter of its number says how bad it is: ``E`` an error, ``W`` a warning."""

    number: str
    title: str
    is_for_deployment: bool = False
    """Looked for by ``check --deploy`` only."""

    def __post_init__(self) -> None:
        MISTAKES[self.id] = self

    @property
    def id(self) -> str:
        return f"supertokens_django.{self.number}"

    def found(self, text: str, hint: str | None) -> CheckMessage:
        """The message of one such mistake; ``hint`` is the cure."""
        kind = Error if self.number.startswith("E") else Warning
        return kind(text, hint=hint, id=self.id)


REQUIRED = Mistake("E001", "A required setting is missing.")
UNKNOWN = Mistake("E002", "A setting is not known.")
INVALID = Mistake("E003", "A setting has a value that it cannot have.")
IMPORT = Mistake("E004", "A dotted path cannot be imported.")
CONTRADICTION = Mistake("E005", "Two settings contradict each other.")
PACKAGE = Mistake("E006", "A setting needs a package that is not installed.")

MIDDLEWARE_MISSING = Mistake("E010", "`SuperTokensMiddleware` is missing.")
MIDDLEWARE_ORDER = Mistake("E011", "`SuperTokensMiddleware` stands before `AuthenticationMiddleware`.")
CORS_AFTER_OURS = Mistake("E012", "`CorsMiddleware` stands after `SuperTokensMiddleware`.")

CORS_EXPOSED = Mistake("E013", "`CORS_EXPOSE_HEADERS` hides headers from frontends of another origin.")
CORS_MISSING = Mistake("W014", "`CorsMiddleware` is missing, and the website is of another origin.")
CORS_APP = Mistake("W015", "`corsheaders` is not in `INSTALLED_APPS`.")
CORS_ORIGIN = Mistake("W016", "CORS does not let the website in.")
CORS_CREDENTIALS = Mistake("W017", "CORS lets no credentials through.")
CORS_HEADERS = Mistake("W018", "CORS does not let through what frontends send.")
CORS_URLS = Mistake("W019", "`CORS_URLS_REGEX` leaves out the auth API.")

URLS_MISSING = Mistake("W020", "`supertokens_django.urls` is not in the root URLconf.")
URLS_ELSEWHERE = Mistake("E021", "The URLs are mounted elsewhere than `API_BASE_PATH` says.")

CORS_STRANGERS = Mistake("W022", "CORS lets strangers act with a visitor's cookies.", is_for_deployment=True)
CORS_AFTER_COMMON = Mistake("W023", "`CorsMiddleware` stands after `CommonMiddleware`.")

REVOCATION_CACHE = Mistake("W030", '`SESSION["REVOCATION_CACHE"]` names a cache that processes do not share.')
ROLE_BACKEND = Mistake("W040", "Roles are on, but `user.has_perm()` does not know their permissions.")
VERIFICATION_OFF = Mistake("W041", "Verified addresses are demanded, and nobody can verify one.")

CROSS_SITE_HTTP = Mistake("W050", "Cookies cannot go to another site without https.")
DOMAIN_ELSEWHERE = Mistake("E051", "`COOKIE_DOMAIN` does not contain the API's host.")
DOMAIN_PUBLIC = Mistake("E052", "`COOKIE_DOMAIN` is a public suffix.")
NOT_SECURE = Mistake("W053", "`COOKIE_SECURE` is off, although the API is https.")
SECURE_HTTP = Mistake("W054", "`COOKIE_SECURE` is on, although the API is http.")
SAME_SITE = Mistake("W055", "`COOKIE_SAME_SITE` keeps the cookies from the website.")
ANTI_CSRF = Mistake("W056", "`ANTI_CSRF` is off, although cookies go to other sites.")

HTTP = Mistake("W060", "A domain is http.", is_for_deployment=True)
PROXY = Mistake(
    "W061", "Django does not learn from the proxy that requests came by https.", is_for_deployment=True
)
HOSTS = Mistake("W062", "`ALLOWED_HOSTS` does not name the API's host.", is_for_deployment=True)
HASHER = Mistake("W063", "Passwords are hashed weakly.", is_for_deployment=True)
MAIL_BACKEND = Mistake("W064", "Mails are not sent.", is_for_deployment=True)
MAIL_SENDER = Mistake("W065", "Mails come from `webmaster@localhost`.", is_for_deployment=True)
OUTGOING = Mistake(
    "W066", "Servers of others are asked without TLS, or at any private address.", is_for_deployment=True
)

TEMPLATES = Mistake("E070", "The templates of the pages are not found.")

SMS_BROKEN = Mistake("E080", "`SMS_BACKEND` cannot be used.")
SMS_MISSING = Mistake("W081", "Text messages are to be sent, and there is no `SMS_BACKEND`.")
SMS_DEVELOPMENT = Mistake("W082", "Text messages are not sent.", is_for_deployment=True)
LIMITS_CACHE = Mistake(
    "W090", "Rate limits are counted in a cache that cannot count for all processes.", is_for_deployment=True
)
LIMITS_PROXY = Mistake(
    "W091", "There is a proxy, and rate limits take all visitors for one.", is_for_deployment=True
)

INCOMPLETE = Mistake("E095", "A provider has no endpoint.")
DEVELOPMENT_CLIENT = Mistake("W096", "A client of a provider is one of SuperTokens' own.")
CALLBACK = Mistake("W097", "A provider refuses the website's callback.")
ENVIRONMENT = Mistake("W098", "A provider's credential is an environment variable that is not set.")
