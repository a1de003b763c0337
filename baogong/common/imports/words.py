"""Why a file cannot be read, in words: what is wrong, then what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from baogong.common.errors import BadInput
from baogong.common.tables import Unreadable


class UnreadableFile(BadInput):
    """The file is no table of this kind; nothing of it has been taken."""

    code = "unreadable_file"


@contextmanager
def explained() -> Iterator[None]:
    """Turns Unreadable into a refusal with words."""
    try:
        yield
    except Unreadable as wrong:
        raise UnreadableFile(text_of(wrong), why=wrong.code, **wrong.facts) from wrong


def text_of(wrong: Unreadable) -> str:
    return texts()[wrong.code] % wrong.facts


def texts() -> dict[str, str]:
    """One sentence for each code of Unreadable."""
    return {**texts_about_content(), **texts_about_size()}


def texts_about_content() -> dict[str, str]:
    return {
        "binary": _("This is no spreadsheet. Save it as XLSX or as CSV (UTF-8) and send that"),
        "broken": _("The file cannot be read. Open it in a spreadsheet program, save it again and send that"),
        "broken_json": _("The GeoJSON breaks off or is damaged. Export it again"),
        "broken_quotes": _("Line %(line)d has quotation marks that do not match; the text after them cannot be read"),
        "broken_xlsx": _("The XLSX file is damaged. Open it in a spreadsheet program, save it again and send that"),
        "column_missing": _("Columns are missing: %(columns)s. The first line has: %(found)s"),
        "column_twice": _("The column %(column)s is there twice, again as “%(header)s”. Leave one of them out"),
        "dtd": _("The XLSX file declares a document type, which no spreadsheet program writes; it was not opened"),
        "empty": _("The file is empty: not even a first line with the names of the columns"),
        "encoding": _("The text is neither UTF-8 nor GB18030, it looks like %(guess)s. Save it as CSV (UTF-8)"),
        "encrypted": _("The XLSX file has a password. Save it without and send that"),
        "external_links": _("The XLSX file has links to other files. Paste the cells as values and save it again"),
        "macros": _("The file has macros. Save it as XLSX without macros"),
        "no_features": _("The GeoJSON is no FeatureCollection, or has no features"),
        "no_file": _("There is no file %(path)s"),
        "not_geojson": _("GeoJSON can only be read as places"),
        "old_excel": _("The file has Excel's old format (.xls). Save it as XLSX and send that"),
        "semicolons": _("The columns are separated by semicolons. Save it as CSV with commas, or as XLSX"),
        "tabs": _("The columns are separated by tabs. Save it as CSV with commas, or as XLSX"),
    }


def texts_about_size() -> dict[str, str]:
    return {
        "feature_too_large": _("A feature has more corners than any building"),
        "packed_too_tightly": _("The XLSX file unpacks to more than %(ratio)d times its size; it was not opened"),
        "too_heavy": _("Reading the file took too much memory or time. Split it, or save it as CSV"),
        "too_large": _("The file has %(mb)d MB; %(most_mb)d MB is the most here"),
        "too_many_columns": _("The file has %(found)d columns; %(most)d is the most"),
        "too_many_entries": _("The XLSX file has more than %(most)d parts; it was not opened"),
        "too_many_rows": _("The file has more than %(most)d rows. Split it"),
        "unpacks_too_large": _("The XLSX file unpacks to more than %(most_mb)d MB. Split it, or save it as CSV"),
    }
