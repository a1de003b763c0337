"""The JSON door as a program of one account sees it: `Door(cast.buyer).send("/rounds/…/closing")`."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.test import Client

from baogong.common.clock import now
from baogong.people.access import issue_token
from baogong.people.models import Account

_keys = count(1)


class Door:
    """Of a stranger without an account. Every change goes with a fresh Idempotency-Key, or with the one given."""

    def __init__(self, account: Account | None = None) -> None:
        self.client = Client(headers={"Accept-Language": "en"})
        self.headers = {"Authorization": f"Bearer {issue_token(account, 'test', now())}"} if account else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def send(self, path: str, body: object = None, *, key: str = "", method: str = "post") -> Any:
        return getattr(self.client, method)(
            f"/api/v1{path}",
            {} if body is None else body,
            content_type="application/json",
            headers={**self.headers, "Idempotency-Key": key or f"door-{next(_keys)}"},
        )
