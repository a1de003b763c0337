"""Every command prepares an empty data folder by itself: database, migrations, keys, one subdistrict."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from baogong.common.crypto import ensure_keys
from baogong.places.models import Subdistrict


def prepare() -> Subdistrict:
    """Bring the database up to date and make sure there is a subdistrict; quick when there is nothing to do."""
    from baogong.places.services import ensure_subdistrict

    migrate()
    ensure_keys()
    return ensure_subdistrict()


def migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def subdistricts() -> list[Subdistrict]:
    """All subdistricts of this installation, at least one."""
    prepare()
    return list(Subdistrict.objects.order_by("created_at"))
