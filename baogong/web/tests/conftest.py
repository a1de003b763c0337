"""The web room alone: no other room's pages, middleware or hooks, and no database."""

from __future__ import annotations

from typing import Any

import pytest

HOTLINE = "65550120"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "baogong.web.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.messages.context_processors.messages",
    "baogong.web.context.page",
]


@pytest.fixture(autouse=True)
def alone(settings: Any) -> None:
    settings.ROOT_URLCONF = "baogong.web.tests.urls"
    settings.MIDDLEWARE = MIDDLEWARE
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": PROCESSORS},
        }
    ]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "10.0.0.7"]
    settings.BAOGONG_DEMO = None
    settings.BAOGONG_INSECURE = False
    settings.BAOGONG_HOTLINE = lambda request: HOTLINE
