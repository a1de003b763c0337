"""All settings, read from the environment (`environment.py`); the same file serves one box and a city."""

from __future__ import annotations

from pathlib import Path

from baogong.common import environment as env

PACKAGE = Path(__file__).resolve().parents[1]

DEBUG = env.on("BAOGONG_DEBUG")
SECRET_KEY = env.secret_key()
ALLOWED_HOSTS = [host for host in env.text("BAOGONG_HOSTS").split(",") if host] + ["127.0.0.1", "localhost", "[::1]"]
BEHIND_PROXY = env.on("BAOGONG_PROXY")
SECURE_COOKIES = env.on("BAOGONG_PROXY") or env.on("BAOGONG_TLS")
BAOGONG_INSECURE = env.on("BAOGONG_INSECURE")  # a banner says so on every page

BAOGONG_DATA = env.data_folder()
BAOGONG_KEYS = env.keys_folder()
BAOGONG_OUTBOX = env.text("BAOGONG_OUTBOX")
BAOGONG_LIMITS = env.text("BAOGONG_LIMITS").lower() != "off"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "baogong.common",
    "baogong.web",
    "baogong.places",
    "baogong.channels",
    "baogong.people",
    "baogong.supply",
    "baogong.groupbuy",
    "baogong.distribution",
    "baogong.home",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "baogong.web.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "baogong.people.middleware.SessionLifeMiddleware",
    "baogong.people.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "baogong.config.refusals.RefusalMiddleware",
    "baogong.config.api.IdempotencyMiddleware",
]

ROOT_URLCONF = "baogong.config.urls"
WSGI_APPLICATION = "baogong.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "baogong.web.context.page",
                "baogong.home.context.staff_navigation",
            ],
        },
    }
]
FORM_RENDERER = "baogong.web.forms.PartsRenderer"

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["baogong.people.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# 15 characters for a password that stands alone: NIST SP 800-63B-4.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "baogong.web.errors.csrf_failure"
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "/"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # user names are unique within a subdistrict; AccountBackend looks there
    "security.W004",  # HSTS is set where TLS is: below
    "security.W008",  # plain HTTP is served on loopback only; `serve` refuses it elsewhere
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # what pages show; rows are stored in UTC

LOCALE_PATHS = [PACKAGE / "config" / "locale"]
STATIC_URL = "/static/"
STATIC_ROOT = BAOGONG_DATA / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

SESSION_COOKIE_NAME = "__Host-session" if SECURE_COOKIES else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_COOKIES else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_COOKIES else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"

# Twenty megabytes is the largest spreadsheet that the browser may send; larger ones go through `baogong import`.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_MAX_BYTES = 20 * 1024 * 1024

# Tasks: what must not be lost is a row first; the queue only says "look now".
HUEY = (
    {"huey_class": "huey.SqliteHuey", "name": "baogong", "filename": str(BAOGONG_DATA / "tasks.sqlite3")}
    if "sqlite" in str(DATABASES["default"]["ENGINE"])
    else {"huey_class": "huey.PostgresHuey", "name": "baogong", "dsn": env.text("DATABASE_URL")}
) | {"immediate": env.text("BAOGONG_TASKS") == "inline", "results": False, "utc": True}

BAOGONG_DEMO = "baogong.places.queries.is_demonstration"
BAOGONG_HOTLINE = "baogong.places.queries.hotline"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"baogong": {"level": "INFO"}},
}
