"""`baogong import` and `baogong export`."""

from __future__ import annotations

import argparse

from baogong.cli.preparing import prepare


def import_file(options: argparse.Namespace) -> int:
    from baogong.common import commands

    subdistrict = prepare()
    return commands.import_file(
        options.kind, options.file, subdistrict_id=subdistrict.pk, dry_run=options.dry_run, as_json=options.json
    )


def export_file(options: argparse.Namespace) -> int:
    from baogong.common import commands

    subdistrict = prepare()
    return commands.export_file(options.kind, options.file, subdistrict_id=subdistrict.pk)
