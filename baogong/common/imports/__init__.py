"""Spreadsheets in and out: what a kind of spreadsheet is, how a file of it is applied, and what is reported.

A context declares its kinds in `<app>/importing.py` as `KINDS`; `all_kinds()` finds them.
"""

from baogong.common.imports import cells
from baogong.common.imports.cells import BadCell
from baogong.common.imports.chunks import Chunk, InputRow, applying_each, changed_names
from baogong.common.imports.kinds import Column, Kind, all_kinds, kind_named
from baogong.common.imports.report import Refusal, Report
from baogong.common.imports.run import import_table

__all__ = [
    "BadCell",
    "Chunk",
    "Column",
    "InputRow",
    "Kind",
    "Refusal",
    "Report",
    "all_kinds",
    "applying_each",
    "cells",
    "changed_names",
    "import_table",
    "kind_named",
]
