"""What a kind of spreadsheet consists of, and where the contexts' kinds are found."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

from baogong.common.errors import BadInput
from baogong.common.imports.cells import Parser, plain

if TYPE_CHECKING:
    from baogong.common.imports.chunks import Chunk

_BRACKETS = re.compile(r"\([^()]*\)\s*$")  # 单价（元）
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its English and Chinese names. A required one must be there and filled in every row."""

    name: str
    chinese: str
    parse: Parser
    required: bool = True
    also: tuple[str, ...] = ()  # other headers that people write
    exported: bool = True

    @property
    def headers(self) -> set[str]:
        """Every header that means this column, as `header_key` gives it."""
        return {header_key(header) for header in (self.name, self.chinese, *self.also)}


def header_key(header: str) -> str:
    """A header as it is compared: plain forms, lower case, without blanks, dashes, stars, and what brackets add."""
    bare = _BRACKETS.sub("", plain(header).lower())
    return "".join(sign for sign in bare if sign not in " _-*　\t\n\r")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of spreadsheet.

    `apply` gets chunks of rows that were read without fault, inside a transaction, and gives each row exactly one
    outcome. `export` yields a subdistrict's rows as texts by column name; importing them again changes nothing.
    `identity` names what a row is about: the second row with the same one is refused as a duplicate.
    `group`: rows with the same value reach `apply` in one chunk, and all are refused when one of them cannot be read,
    unless `split_groups` says that the good ones stand for themselves.
    `together`: rows compete for the same things, so a dry run must be one transaction; else each chunk is one.
    """

    name: str
    label: str | Promise
    operation: str  # of people.roles.OPERATIONS: who may import and export it
    columns: tuple[Column, ...]
    apply: Callable[[Chunk], None]
    export: Callable[[UUID], Iterator[Values]]
    identity: Callable[[Values], Hashable] | None = None
    group: Callable[[Values], Hashable] | None = None
    split_groups: bool = False
    together: bool = False
    geojson: Kind | None = None  # the same things as features: other columns, other rules
    features: Callable[[UUID], Iterator[Values]] | None = None  # export as GeoJSON features

    @property
    def header(self) -> list[str]:
        """The first line of an export."""
        return [column.name for column in self.columns if column.exported]


def all_kinds() -> dict[str, Kind]:
    """Every kind of every installed context, in the order of the contexts."""
    found: dict[str, Kind] = {}
    for kind in kinds_of(app.name for app in apps.get_app_configs() if module_has_submodule(app.module, "importing")):
        found[kind.name] = kind
    return found


def kinds_of(packages: Iterable[str]) -> Iterator[Kind]:
    for package in packages:
        yield from import_module(f"{package}.importing").KINDS


def kind_named(name: str) -> Kind:
    """Raises BadInput for a kind that there is not, naming those that there are."""
    known = all_kinds()
    if name not in known:
        facts = {"name": name, "known": ", ".join(known)}
        raise BadInput(_("There is no kind of spreadsheet called “%(name)s”; there are: %(known)s") % facts)
    return known[name]
