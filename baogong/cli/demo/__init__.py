"""`baogong demo`: a demonstration subdistrict, invented, seeded, and marked as such on every page."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from django.db import transaction
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from baogong.cli.demo.accounts import PASSWORD, ROLES, Cast, make_cast, tokens_of
from baogong.cli.demo.rows import invent
from baogong.cli.demo.story import bring, tell_story
from baogong.cli.preparing import prepare
from baogong.common.actors import system
from baogong.common.clock import now
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.statistics import gather_statistics
from baogong.people import access
from baogong.people.models import Account
from baogong.places.models import Building, Subdistrict
from baogong.places.queries import poster_link

NAME = "梧桐街道（演示）"
HOTLINE = "010-0000-0199"  # no such exchange
SMALL = 600  # households of `make run`
MOST = 200_000


class NotEmpty(RuleBroken):
    code = "not_empty"


def demo(options: argparse.Namespace) -> int:
    """Fill an empty database; refuses one that holds anything. Raises BadInput, NotEmpty."""
    if not 4 <= options.households <= MOST:
        raise BadInput(f"--households takes 4 to {MOST}")
    subdistrict = prepare()
    if Building.objects.within(subdistrict.pk).exists():
        raise NotEmpty("this database is not empty; name another folder with BAOGONG_DATA")
    cast = fill(subdistrict, options.households, options.seed)
    gather_statistics()
    if options.tokens:
        write_tokens(cast, Path(options.tokens))
    print(f"{NAME}: {options.households} households, seed {options.seed}; everybody in it is invented")
    return 0


@transaction.atomic
def fill(subdistrict: Subdistrict, households: int, seed: int) -> Cast:
    """Places, people, goods, two days of work, and one sign-in for each role; all of it or nothing."""
    at, actor = now(), system(subdistrict.pk)
    subdistrict.name, subdistrict.hotline, subdistrict.demonstration = NAME, HOTLINE, True
    subdistrict.area_code = "110105"
    subdistrict.save()
    town = invent(households, seed)
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), disable=not sys.stderr.isatty()
    )
    with bar:
        for kind in ("places", "households", "staff", "volunteers", "suppliers", "offers"):
            job = bar.add_task(f"{kind}: {len(getattr(town, kind))}", total=1)
            bring(kind, getattr(town, kind), actor=actor, now=at)
            bar.update(job, completed=1)
        job = bar.add_task("two days of work", total=1)
        cast = make_cast(actor=actor, now=at)
        volunteer = access.actor_of_account(cast.accounts["volunteer"])
        tell_story(town, seed=seed, actor=actor, volunteer=volunteer, now=at)
        bar.update(job, completed=1)
    return cast


def write_tokens(cast: Cast, path: Path) -> None:
    """The tokens are secrets of a kind: the file is for its owner only."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(tokens_of(cast, now=now()), ensure_ascii=False, indent=1) + "\n")


def ensure_demo() -> None:
    """Fill the database the first time; a second run keeps what is there."""
    subdistrict = prepare()
    if not Building.objects.within(subdistrict.pk).exists():
        print("Making the demonstration subdistrict, once; this takes a few seconds ...", flush=True)
        fill(subdistrict, SMALL, seed=1)
        gather_statistics()


def print_welcome(port: int) -> None:
    """Where to look and how to sign in."""
    subdistrict = prepare()
    root = f"http://127.0.0.1:{port}"
    print(f"\n  {subdistrict.name}   {root}/")
    building = Building.objects.within(subdistrict.pk).in_order().first()
    if building:
        print(f"  Poster of {building.compound.name} {building.name}:  {root}{poster_link(building)}")
    if subdistrict.demonstration:
        users = Account.objects.within(subdistrict.pk).filter(username__in=ROLES).values_list("username", flat=True)
        print(f"  Sign in at {root}/people/sign-in/staff/ as one of these, password {PASSWORD}:")
        print(f"    {'  '.join(role for role in ROLES if role in set(users))}")
    print("  Stop with Ctrl-C; the data stays.\n", flush=True)
