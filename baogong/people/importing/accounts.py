"""Whose telephone number it is: staff and volunteers are known by theirs."""

from __future__ import annotations

import re
from itertools import count

from baogong.common.events import record
from baogong.common.imports import Chunk
from baogong.common.search import search_text
from baogong.common.sorting import pinyin
from baogong.people.models import Account, Person
from baogong.people.roles import STAFF, Role
from baogong.people.services import create_account, create_person


def account_with_phone(number: str, name: str, chunk: Chunk) -> tuple[Account, bool, bool]:
    """The account of this number, whether it was made just now, and whether it was renamed.

    A household may share a number: an account of that name goes first, then one of somebody who works here already.
    Anybody else with the number is another person, and gets an account of the own.
    """
    found = Account.objects.within(chunk.subdistrict_id).select_related("person").order_by("created_at", "pk")
    index = Person.objects.within(chunk.subdistrict_id).with_phone(number)
    accounts = list(found.filter(person__in=index))
    for account in accounts:
        if account.name == name:
            return account, False, False
    for account in accounts:
        if account.grants.filter(until=None, role__in=[*STAFF, Role.CARRIER]).exists():
            rename(account, name, chunk)
            return account, False, True
    return new_account(number, name, chunk), True, False


def new_account(number: str, name: str, chunk: Chunk) -> Account:
    """A sign-in without a password: the administrator gives one, or a code comes to the phone."""
    person = create_person(name, phone=number, actor=chunk.actor, now=chunk.now)
    return create_account(person, username=free_username(name, chunk), actor=chunk.actor, now=chunk.now)


def free_username(name: str, chunk: Chunk) -> str:
    """`wangwei`, then `wangwei2`, ...: never a telephone number, which others may know."""
    latin = re.sub(r"[^a-z0-9]+", "", (name if name.isascii() else pinyin(name)[0]).lower())[:40] or "staff"
    stem = latin if not latin.isdecimal() else f"staff{len(latin)}"
    taken = set(
        Account.objects.within(chunk.subdistrict_id)
        .filter(username__startswith=stem)
        .values_list("username", flat=True)
    )
    return next(name for number in count(1) if (name := f"{stem}{number if number > 1 else ''}") not in taken)


def rename(account: Account, name: str, chunk: Chunk) -> None:
    account.name = name
    account.save(update_fields=["name"])
    person = account.person
    if person is not None:
        person.name, person.search = name, search_text(name)[:300]
        person.save(update_fields=["name", "search"])
    record("people.account_renamed", account.pk, actor=chunk.actor, now=chunk.now)
