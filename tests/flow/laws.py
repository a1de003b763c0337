"""What `baogong check` would say, for tests."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from baogong.common.laws import Breach


def breaches(subdistrict_id: UUID) -> list[Breach]:
    """Every breach of every law of every context."""
    found: list[Breach] = []
    for config in apps.get_app_configs():
        if config.name.startswith("baogong.") and module_has_submodule(config.module, "checks"):
            for law in getattr(import_module(f"{config.name}.checks"), "LAWS", {}).values():
                found.extend(law(subdistrict_id))
    return found
