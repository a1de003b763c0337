"""The documentation is held to the program: what stands in code stands on the page, and links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from baogong.common.environment import VARIABLES
from baogong.common.figures import FIGURES
from baogong.common.imports import all_kinds
from baogong.people.roles import OPERATIONS, Role

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
CONTEXTS = "\n".join(page.read_text("utf-8") for page in sorted((DOCS / "contexts").glob("*.md")))
LONGEST = 150
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.M | re.S)


def text_of(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def part_of(page: str, heading: str) -> str:
    """What stands below a heading, down to the next one as high."""
    marks = heading.split(" ", 1)[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(marks)}}} |\Z)", page, re.M | re.S)
    assert found, f"no heading {heading!r}"
    return found[1]


def table(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, without their lines of dashes."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if set(row[0]) != {"-"}]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# ---------------------------------------------------------------- spreadsheets


def section(kind: str) -> str:
    heading = next(line for line in text_of("spreadsheets.md").splitlines() if line.endswith(f"`{kind}`"))
    return part_of(text_of("spreadsheets.md"), heading)


def words(text: str) -> set[str]:
    return set(re.split(r"[\s,.;:|()（）`*]+", text))


KINDS = list(all_kinds().values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_column_and_every_header_that_means_it_stands_in_the_kinds_section(kind):
    part, general = words(section(kind.name)), words(text_of("spreadsheets.md"))
    columns = [column for column in kind.columns if column.exported]
    elsewhere = [column for column in kind.columns if not column.exported]  # the compound, wherever a building is one

    missing = {header for column in columns for header in (column.name, column.chinese, *column.also)} - part
    missing |= {header for column in elsewhere for header in (column.name, column.chinese, *column.also)} - general

    assert missing == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_example_of_every_column_is_one_that_the_import_takes(kind):
    columns = {column.name: column for column in kind.columns}
    rows = [row for row in table(section(kind.name)) if row[0].rstrip("*") in columns]

    read = {row[0]: columns[row[0].rstrip("*")].parse(row[3]) for row in rows}

    assert len(read) == len([column for column in kind.columns if column.exported])


def test_every_property_of_a_map_feature_stands_on_the_page():
    places = all_kinds()["places"]
    assert places.geojson is not None
    own = {column.name for column in places.geojson.columns} - {column.name for column in places.columns}

    part = part_of(text_of("spreadsheets.md"), "## Places from a map: GeoJSON")

    assert {row[0] for row in table(part)[1:]} == own


# ---------------------------------------------------------------- settings, figures, operations


def test_the_table_of_settings_names_every_variable_and_no_other():
    settings = part_of(text_of("operating.md"), "## Settings")

    assert {names(row[0])[0] for row in table(settings)[1:]} == set(VARIABLES)


def test_the_table_of_figures_is_that_of_the_program():
    rows = [row for row in table(text_of("figures.md")) if names(row[0]) and names(row[0])[0] in FIGURES]

    shown = {names(row[0])[0]: tuple(row[1:4]) for row in rows}

    with translation.override("en"):
        assert shown == {
            name: (f"{int(figure.default):,}", str(figure.unit), f"{figure.least:,} to {figure.most:,}")
            for name, figure in FIGURES.items()
        }


def test_every_operation_of_the_json_door_stands_on_the_page_of_its_context_with_its_path(client):
    document: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    found = {
        operation["operationId"]: f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    rows = {name: " ".join(row) for row in table(CONTEXTS) if len(row) == 3 for name in names(row[0])}

    assert [name for name, address in found.items() if address not in rows.get(name, "")] == []


def test_every_role_stands_with_its_chinese_word_in_the_glossary():
    glossary = {name: row[0] for row in table(text_of("glossary.md")) for name in names(row[2])}

    assert [role for role in Role.values if role not in glossary] == []


def test_every_command_stands_on_the_page_of_the_command_line():
    from baogong.cli import parser

    commands = next(action for action in parser()._actions if action.dest == "command").choices or ()
    page = part_of(text_of("contexts/config-and-cli.md"), "## The command")

    assert set(commands) - words(page) == set()


@pytest.mark.parametrize("room", ["people", "supply", "groupbuy", "distribution"])
def test_every_service_stands_on_the_page_of_its_room(room):
    module = import_module(f"baogong.{room}.services")
    services = {name for name in module.__all__ if isfunction(getattr(module, name))}

    assert services - words(text_of(f"contexts/{room}.md")) == set()


def test_every_room_has_a_page_and_every_page_a_room():
    rooms = {
        folder.name for folder in (ROOT / "baogong").iterdir() if folder.is_dir() and (folder / "__init__.py").exists()
    }

    pages = {page.stem for page in (DOCS / "contexts").glob("*.md")}

    assert pages - {"config-and-cli"} | {"config", "cli"} == rooms


# ---------------------------------------------------------------- refusals


def codes_in_code() -> Iterator[tuple[str, str]]:
    """(room, code) of every refusal class and of every case that `coded` names."""
    for path in sorted((ROOT / "baogong").rglob("*.py")):
        room = path.relative_to(ROOT / "baogong").parts[0]
        if "tests" in path.parts or room in {"cli", "web"}:
            continue
        text = path.read_text("utf-8")
        for code in re.findall(r'^    code(?:, status)? = "([a-z_]+)"', text, re.M):
            yield room, code
        for code in re.findall(r'coded\((?:[^()]|\([^()]*(?:\([^()]*\))?[^()]*\))*, "([a-z_]+)"\)', text):
            yield room, code


GENERAL = {"rule_broken", "bad_lines", "not_ready", "bad_payment", "payment_refused"}  # never told under these names


def test_every_refusal_stands_in_the_documentation():
    said = words("\n".join(page.read_text("utf-8") for page in PAGES))

    missing = {f"{room}: {code}" for room, code in codes_in_code() if code not in said | GENERAL}

    assert missing == set()


def test_every_operation_that_a_role_may_do_belongs_to_a_room_with_a_page():
    rooms = {name.split(".")[0] for name in OPERATIONS}

    assert rooms <= {page.stem for page in (DOCS / "contexts").glob("*.md")}


# ---------------------------------------------------------------- pages


def anchor(heading: str) -> str:
    """What a link to a heading is called."""
    bare = re.sub(r"[`*]", "", heading.lstrip("#").strip()).lower()
    return re.sub(r"[^\w\- ]", "", bare).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return set(map(anchor, re.findall(r"^#+ .*", page.read_text("utf-8"), re.M)))


def broken_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _mark, fragment = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        if not other.exists() or (fragment and fragment not in anchors(other)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    assert list(broken_links(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_lines_are_short_enough_to_read(page):
    lines = page.read_text("utf-8").splitlines()

    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST] == []


def test_the_picture_keeps_its_text_as_text_and_names_services_that_there_are():
    picture = (DOCS / "pictures" / "way-of-the-goods.svg").read_text("utf-8")
    services = re.findall(r'class="code"[^>]*>(?:\w+\.)?(\w+)<', picture)

    from baogong.distribution import services as distribution
    from baogong.groupbuy import services as groupbuy
    from baogong.supply import services as supply

    known = {*distribution.__all__, *groupbuy.__all__, *supply.__all__}
    assert len(services) == 11
    assert [name for name in services if name not in known] == []
