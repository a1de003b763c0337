"""What no other linter knows of this house: pages without inline style or handlers, lock files without addresses, short
files, and no foreign key that points upwards. Prints one line a breach; exit 1 where there is any."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
PAGES = ("baogong/*/templates/**/*.html", "baogong/*/templates/**/*.svg")
CODE = ("baogong/**/*.py", "tools/*.py", "tests/**/*.py", "bench/**/*.py", "baogong/*/static/**/*.js")
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}")
INLINE = re.compile(r"""\s(?P<what>style|on[a-z]+)\s*=\s*["']""", re.IGNORECASE)
ADDRESS = re.compile(r"https?://|^\s*--(extra-)?index|^\s*--find-links", re.MULTILINE)
GENERATED = {"migrations", "vendor", "vectors"}


def files(patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(path for path in ROOT.glob(pattern) if not GENERATED & set(path.relative_to(ROOT).parts))


def inline_style() -> Iterator[str]:
    for path in files(PAGES):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if found := INLINE.search(TAGS.sub("", line)):
                yield f"{path.relative_to(ROOT)}:{number}: {found['what']}= is refused by the content security policy"


def long_files() -> Iterator[str]:
    for path in files(CODE):
        lines = len(path.read_text("utf-8").splitlines())
        if lines > LONGEST:
            yield f"{path.relative_to(ROOT)}: {lines} lines; split it by subject before {LONGEST}"


def addresses_in_locks() -> Iterator[str]:
    for path in files(("requirements/*.txt", "**/package-lock.json")):
        if ".venv" not in path.parts and "node_modules" not in path.parts and ADDRESS.search(path.read_text("utf-8")):
            yield f"{path.relative_to(ROOT)}: carries the address of a registry"


def rooms() -> dict[str, int]:
    """Height of each room, from the layers in pyproject.toml; the lowest is 0."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "rooms")
    return {room: height for height, row in enumerate(reversed(layers)) for room in re.findall(r"\w+", row)}


def upward_keys() -> Iterator[str]:
    """No foreign key points to a room above, nor beside: rows know only what lies below them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "baogong.config.settings")
    import django
    from django.apps import apps

    django.setup()
    height = rooms()
    for model in apps.get_models():
        own = model._meta.app_label
        for field in model._meta.get_fields():
            other = field.related_model._meta.app_label if field.concrete and field.is_relation else own  # type: ignore[union-attr]
            if own in height and other in height and other != own and height[other] >= height[own]:
                yield f"{model.__module__}.{model.__name__}.{field.name} points up to {other}"


def main() -> int:
    found = [line for check in (inline_style, long_files, addresses_in_locks, upward_keys) for line in check()]
    for line in found:
        print(line)
    print(f"static checks: {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
