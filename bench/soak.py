"""`make soak`: the long counts. Stop it whenever you like; it goes on where it was.

    make soak                          1,000 seeded subdistricts, each through two days of work
    make soak ARGS="--count 50"

Each seed invents a small subdistrict, takes it from imports to hand-over, and proves every law on what came out. The
number of the last seed that passed stands in var/soak.json; a seed that fails is printed and can be run again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bench.ground import fresh_installation

PROGRESS = Path("var/soak.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--count", type=int, default=1_000, help="seeds in all")
    parser.add_argument("--households", type=int, default=60)
    parser.add_argument("--seed", type=int, help="only this one, again")
    options = parser.parse_args()
    progress = PROGRESS.resolve()
    done = json.loads(progress.read_text())["seed"] if progress.exists() else 0
    seeds = [options.seed] if options.seed else range(done + 1, options.count + 1)
    with fresh_installation() as subdistrict:
        for seed in seeds:
            live_through(subdistrict, options.households, seed)
            print(f"seed {seed}: two days, every law holds", flush=True)
            if not options.seed:
                progress.parent.mkdir(parents=True, exist_ok=True)
                progress.write_text(json.dumps({"seed": seed}))


def live_through(subdistrict: object, households: int, seed: int) -> None:
    """Two days in a transaction that is rolled back, so that each seed begins on empty ground."""
    from django.db import transaction

    from baogong.cli.checking import found
    from baogong.cli.demo import fill
    from baogong.places.models import Subdistrict

    ground = Subdistrict.objects.get(pk=subdistrict.pk)  # type: ignore[attr-defined]
    with transaction.atomic():
        fill(ground, households, seed)
        broken = [breach for _law, breaches in found("LAWS", ground.pk) for breach in breaches]
        if broken:
            raise SystemExit(f"seed {seed}: {broken[0]}")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
