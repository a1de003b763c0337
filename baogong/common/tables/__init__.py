"""Tables in files: CSV, XLSX and GeoJSON, in and out. Knows no Django: the child process starts quickly."""

from baogong.common.tables.escaping import escaped, unescaped
from baogong.common.tables.guarded import opened, read_in_child
from baogong.common.tables.lines import LinesTable
from baogong.common.tables.table import BROWSER, CELL_CHARACTERS, COMMAND, Limits, RawRow, Table, Unreadable
from baogong.common.tables.writing import write_csv, write_geojson, write_xlsx

__all__ = [
    "BROWSER",
    "CELL_CHARACTERS",
    "COMMAND",
    "Limits",
    "LinesTable",
    "RawRow",
    "Table",
    "Unreadable",
    "escaped",
    "opened",
    "read_in_child",
    "unescaped",
    "write_csv",
    "write_geojson",
    "write_xlsx",
]
