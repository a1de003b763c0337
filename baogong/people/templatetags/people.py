"""`{% load people %}`: small look-ups for this room's templates."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from baogong.people.models import Duty

register = template.Library()


@register.filter
def of_kind(duties: Mapping[str, Duty], kind: str) -> Duty | None:
    """The duty of this kind, or None."""
    return duties.get(kind)
