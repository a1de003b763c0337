"""`baogong check` proves the laws on the whole database; `baogong audit verify` walks the hash chain."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from importlib import import_module
from uuid import UUID

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from baogong.cli.preparing import subdistricts
from baogong.common.audit import seal_all, verify_chain
from baogong.common.laws import Breach

SHOWN = 20  # breaches printed of one law; the count is always told


def check(options: argparse.Namespace) -> int:
    """Every law of every context on every subdistrict; 1 where one is broken."""
    laws: dict[str, list[Breach]] = {}
    warnings: dict[str, list[Breach]] = {}
    for subdistrict in subdistricts():
        for law, breaches in found("LAWS", subdistrict.pk):
            laws.setdefault(law, []).extend(breaches)
        for name, breaches in found("WARNINGS", subdistrict.pk):
            warnings.setdefault(name, []).extend(breaches)
    broken = any(laws.values())
    if options.json:
        print(json.dumps({"ok": not broken, "laws": _plain(laws), "warnings": _plain(warnings)}, ensure_ascii=False))
    else:
        _print(laws, warnings)
    return int(broken)


def found(table: str, subdistrict_id: UUID) -> Iterator[tuple[str, list[Breach]]]:
    for config in apps.get_app_configs():
        if config.name.startswith("baogong.") and module_has_submodule(config.module, "checks"):
            functions = getattr(import_module(f"{config.name}.checks"), table, {})
            for name, function in functions.items():
                yield str(name), list(function(subdistrict_id))


def _plain(found: dict[str, list[Breach]]) -> dict[str, object]:
    return {
        name: {
            "holds": not breaches,
            "count": len(breaches),
            "first": [{"what": b.what, "id": str(b.subject_id or "")} for b in breaches[:SHOWN]],
        }
        for name, breaches in sorted(found.items())
    }


def _print(laws: dict[str, list[Breach]], warnings: dict[str, list[Breach]]) -> None:
    for law, breaches in sorted(laws.items()):
        print(f"law {law}: {'holds' if not breaches else f'BROKEN, {len(breaches)} times'}")
        for breach in breaches[:SHOWN]:
            print(f"  {breach.what} ({breach.subject_id})")
    for name, breaches in sorted(warnings.items()):
        if breaches:
            print(f"warning {name}: {len(breaches)}")
            for breach in breaches[:5]:
                print(f"  {breach.what}")


def audit(options: argparse.Namespace) -> int:
    """Seal what waits, then walk the chain; 1 and the first bad row where it is broken."""
    status = 0
    for subdistrict in subdistricts():
        seal_all(subdistrict.pk)
        report = verify_chain(subdistrict.pk)
        if report.broken_at is None:
            print(f"{subdistrict.name}: {report.rows} events, the chain holds, head {report.head[:16]}")
        else:
            print(f"{subdistrict.name}: the chain is broken at event {report.broken_at}")
            status = 1
    return status
