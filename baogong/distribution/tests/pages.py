"""What the tests of pages share: signing in, sending forms with their key, the tasks of a plan."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from django.test import Client
from django.urls import reverse

from baogong.common.models import Event
from baogong.distribution import services
from baogong.distribution.models import Delivery, Plan, Task
from baogong.people.models import Account
from baogong.people.tests.cast import NOON, Cast

_keys = count(1)


def signed_in(account: Account | None, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    if account:
        client.force_login(account)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"distribution:{name}", args=args)


def send(client: Client, address: str, *, key: str = "", **fields: object) -> Any:
    """POST a form with a fresh idempotency key, or with the one given."""
    return client.post(address, {"idempotency_key": key or f"test-{next(_keys)}", **fields})


def text(response: Any) -> str:
    """What the page says, without tags."""
    body = re.sub(r"<(script|style|template).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def trip(plan: Plan) -> Task:
    """The one round to the doors of a plan."""
    return plan.tasks.get(kind=Task.Kind.DOORSTEP)


def desk(plan: Plan, number: int = 1) -> Task:
    return plan.tasks.get(kind=Task.Kind.DESK, trip=number)


def taken(cast: Cast, task: Task, account: Account | None = None) -> Task:
    """The task in the hands of the volunteer, or of somebody else, with its bags."""
    actor = cast.actor(account or cast.volunteer)
    services.accept_task(task.pk, actor=actor, now=NOON)
    services.start_carrying(task.pk, actor=actor, now=NOON)
    task.refresh_from_db()
    return task


def handed_over(cast: Cast, delivery: Delivery, account: Account | None = None) -> Delivery:
    services.hand_over(delivery.pk, how="flat", actor=cast.actor(account or cast.worker), now=NOON)
    delivery.refresh_from_db()
    return delivery


def door_url(task: Task, delivery: Delivery, name: str = "door") -> str:
    return url(name, task.pk, delivery.pk)


def find(client: Client, task: Task, code: str, how: str = "") -> Any:
    """Look for a household by what it says or shows."""
    return send(client, url("find", task.pk), code=code, how=how)


def handed_over_events(cast: Cast) -> int:
    return Event.objects.within(cast.subdistrict_id).filter(verb="distribution.handed_over").count()
