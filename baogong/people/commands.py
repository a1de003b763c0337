"""This room's part of the command line: the first administrator, who gives everybody else their roles."""

from __future__ import annotations

import argparse

from baogong.common.actors import system
from baogong.common.clock import now
from baogong.people import services
from baogong.people.roles import Area, Role
from baogong.places.queries import subdistrict_for


def add_administrator(options: argparse.Namespace) -> int:
    """Make an administrator named `options.name` and print user name and password, which is changed at first sign-in.

    `options.subdistrict` (an id) is needed only where there are several. Raises NoSubdistrict.
    """
    subdistrict = subdistrict_for(getattr(options, "subdistrict", None))
    actor, at = system(subdistrict.pk), now()
    person = services.create_person(options.name, actor=actor, now=at)
    username = services.free_username(options.name, subdistrict.pk)
    account = services.create_account(person, username=username, actor=actor, now=at)
    services.give_grant(account, Role.ADMIN, Area.SUBDISTRICT, subdistrict.pk, actor=actor, now=at)
    print(f"{username}  {services.give_temporary_password(account, actor=actor, now=at)}")
    return 0
