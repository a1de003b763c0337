"""How the tests' people sign in: the same forms that a browser sends."""

from __future__ import annotations

from django.urls import reverse

from baogong.channels.models import Message
from baogong.people.tests.cast import PASSWORD, code_in


def url(name):
    return reverse(f"people:{name}")


def code_sent(number="+8613800000001"):
    return code_in(next(m for m in Message.objects.everywhere().order_by("-pk") if m.address == number))


def sign_in_by_phone(client, number="138 0000 0001"):
    client.post(url("sign_in"), {"phone": number})
    return client.post(url("code"), {"code": code_sent()})


def sign_in_by_password(client, name, password=PASSWORD):
    return client.post(url("staff_sign_in"), {"username": name, "password": password})


def who(client):
    return client.session.get("_auth_user_id")
