"""The smallest honest host: Django's own defaults, and what ``supertokens_django`` asks for."""

import os
from pathlib import Path
from typing import Any

import django
from corsheaders.defaults import default_headers

from supertokens_django.cors import get_all_cors_headers

BASE_DIR = Path(__file__).resolve().parent.parent
PORT = os.environ.get("PORT", "8000")
SITE = f"http://localhost:{PORT}"

DEBUG = os.environ.get("DJANGO_DEBUG", "1") == "1"
# Without DEBUG there is no default: a deployment that forgot its key must not start.
SECRET_KEY = "for development only, never in production" if DEBUG else os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "supertokens_django",
    "example_project",
]

MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "supertokens_django.middleware.SuperTokensMiddleware",
]

# Buttons of providers, for whoever has registered a client there with the callback {SITE}/auth/callback/google:
#     GOOGLE_CLIENT_ID=… GOOGLE_CLIENT_SECRET=… make run
PROVIDERS: list[dict[str, Any]] = [
    {
        "third_party_id": name,
        "clients": [
            {
                "client_id": {"env": f"{name.upper()}_CLIENT_ID"},
                "client_secret": {"env": f"{name.upper()}_CLIENT_SECRET"},
            }
        ],
    }
    for name in ("google", "github")
    if os.environ.get(f"{name.upper()}_CLIENT_ID")
]

SUPERTOKENS: dict[str, Any] = {
    "APP_NAME": "Example",
    "API_DOMAIN": SITE,
    "WEBSITE_DOMAIN": SITE,
    "RECIPES": [
        "emailpassword",
        "passwordless",
        "emailverification",
        *(["thirdparty"] if PROVIDERS else []),
    ],
    # Who has no password is sent a code and a link, to an address or to a phone.
    "PASSWORDLESS": {"CONTACT_METHOD": "EMAIL_OR_PHONE"},
    # The session says whose address is verified; of the views, one insists on it.
    "EMAILVERIFICATION": {"MODE": "OPTIONAL"},
    "SMS_BACKEND": "supertokens_django.delivery.backends.console.SmsBackend",
    "DJANGO_USER": {"FIELDS": "example_project.people.fields"},
    **({"THIRDPARTY": {"PROVIDERS": PROVIDERS}} if PROVIDERS else {}),
}

# A frontend on another origin (a development server of Vite, say) may call the API with cookies.
CORS_ALLOWED_ORIGINS = ["http://localhost:3000", "http://localhost:5173"]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [*default_headers, *get_all_cors_headers()]

LOGIN_URL = "/auth/"
LOGIN_REDIRECT_URL = "/protected/"
LOGOUT_REDIRECT_URL = "/"

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"
ASGI_APPLICATION = "example_project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASE_CHOICES: dict[str, dict[str, Any]] = {
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
        "OPTIONS": {
            # Writers queue for the lock at once, so none fails half-way through its transaction.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    },
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("POSTGRES_DB", "supertokens_django"),
        "USER": os.environ.get("POSTGRES_USER", "postgres"),
        "PASSWORD": os.environ.get("POSTGRES_PASSWORD", ""),
        "HOST": os.environ.get("POSTGRES_HOST", "127.0.0.1"),
        "PORT": os.environ.get("POSTGRES_PORT", "5432"),
    },
    "mariadb": {
        "ENGINE": "django.db.backends.mysql",
        "NAME": os.environ.get("MARIADB_DATABASE", "supertokens_django"),
        "USER": os.environ.get("MARIADB_USER", "root"),
        "PASSWORD": os.environ.get("MARIADB_PASSWORD", ""),
        "HOST": os.environ.get("MARIADB_HOST", "127.0.0.1"),
        "PORT": os.environ.get("MARIADB_PORT", "3306"),
        "OPTIONS": {"charset": "utf8mb4"},
    },
}
DATABASES = {"default": DATABASE_CHOICES[os.environ.get("DJANGO_DATABASE", "sqlite")]}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",  # hashes imported from a SuperTokens core
]

MAIL_BACKEND = "example_project.mail.EmailBackend"
if django.VERSION < (6, 1):
    EMAIL_BACKEND = MAIL_BACKEND
else:
    MAILERS = {"default": {"BACKEND": MAIL_BACKEND}}
DEFAULT_FROM_EMAIL = "Example <hello@example.com>"

STATIC_URL = "static/"
TIME_ZONE = "UTC"
