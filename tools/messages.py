"""Keeps each app's Chinese catalogue in step with its code and templates.

`messages.py [APP...]`           writes new msgids into `baogong/<app>/locale/zh_Hans/LC_MESSAGES/django.po`, keeps what
                                 is translated, drops what is no longer used, and says what has no translation yet
`messages.py --check [APP...]`   changes nothing; exit 1 where a catalogue is not complete and right
`messages.py --compile [APP...]` writes the .mo files that Django reads

English needs no catalogue: the msgids are English.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HOUSE = Path(__file__).resolve().parents[1] / "baogong"
LOCALE = "zh_Hans"
HEADER = f"""msgid ""
msgstr ""
"Language: {LOCALE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
# Names under which code calls Django's functions.
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
BOTH = {"npgettext", "npgettext_lazy"}
KEYWORDS = dict.fromkeys(sorted(PLAIN | PLURAL | IN_CONTEXT | BOTH))
TEMPLATES = {".html", ".txt", ".svg", ".xml", ".typ"}
PLACEHOLDERS = re.compile(
    r"%\((?P<named>\w+)\)[#0 +-]*\d*(?:\.\d+)?[a-z]|(?<!%)%(?P<bare>[sdif])|\{(?P<braced>\w+)[^{}]*\}"
)

Key = tuple[str, tuple[str, ...]]  # context ("" for none), msgid with its plural


@dataclass
class App:
    """One app's folder, what its source says and what its catalogue has."""

    folder: Path
    used: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def po(self) -> Path:
        return self.folder / "locale" / LOCALE / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")

    @property
    def is_read_by_django(self) -> bool:
        """Whether it is an app, or a folder that LOCALE_PATHS in the settings names."""
        settings = HOUSE / "config" / "settings.py"
        paths = (
            re.search(r"^LOCALE_PATHS\b(.*?)\]", settings.read_text("utf-8"), re.M | re.S)
            if settings.exists()
            else None
        )
        return (self.folder / "apps.py").exists() or bool(paths and f'"{self.name}"' in paths[1])

    def catalogue(self) -> Catalog:
        """What is translated by now; empty where there is no file. Raises ValueError on a file that is no catalogue."""
        if not self.po.exists():
            return Catalog(locale=LOCALE, fuzzy=False)
        with self.po.open("rb") as file:
            return read_po(file, locale=LOCALE, abort_invalid=True)


# ---------------------------------------------------------------- what the source says


def extract(folder: Path) -> App:
    """Every msgid in the Python files and templates of an app; tests and migrations have none."""
    app = App(folder)
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if {"tests", "migrations", "static", "locale", "__pycache__"} & set(parts):
            continue
        for key in messages_of(path, in_templates="templates" in parts):
            app.used[key].add(path.relative_to(HOUSE.parent).as_posix())
    return app


def messages_of(path: Path, *, in_templates: bool) -> Iterator[Key]:
    if path.suffix == ".py":
        yield from python_messages(path.read_text("utf-8"))
    elif in_templates and path.suffix in TEMPLATES:
        yield from template_messages(path.read_text("utf-8"), str(path))


def python_messages(source: str) -> Iterator[Key]:
    file = io.BytesIO(source.encode())
    for _line, name, found, _comments in extract_python(file, KEYWORDS, [], {"encoding": "utf-8"}):
        # One text is given as it is, several as a tuple with None for an argument that is no text.
        texts = [text for text in (found if isinstance(found, (tuple, list)) else [found]) if text]
        if texts:
            yield key_of(str(name), texts)


def template_messages(source: str, name: str) -> Iterator[Key]:
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    # templatize leaves calls like gettext('...') among X's; where they stand on the line means nothing.
    calls = templatize(source, origin=name)
    yield from python_messages("\n".join(line.lstrip() for line in calls.splitlines()))


def key_of(name: str, texts: list[str]) -> Key:
    if name in IN_CONTEXT or name in BOTH:
        return texts[0], tuple(texts[1 : 3 if name in BOTH else 2])
    return "", tuple(texts[: 2 if name in PLURAL else 1])


# ---------------------------------------------------------------- the catalogue


def entries(catalogue: Catalog) -> Iterator[tuple[Key, Message]]:
    for message in catalogue:
        if message.id:
            ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
            yield (message.context or "", tuple(ids)), message


def translations(message: Message) -> tuple[str, ...]:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return tuple(text or "" for text in texts)


def updated(app: App) -> Catalog:
    """A catalogue of exactly the msgids in use, with the translations known so far."""
    known = dict(entries(app.catalogue()))
    result = Catalog(locale=LOCALE, fuzzy=False)
    for key in sorted(app.used, key=lambda key: (sorted(app.used[key]), key)):
        context, ids = key
        old = known.get(key)
        result.add(
            ids if len(ids) > 1 else ids[0],
            string=old.string if old else None,
            context=context or None,
            locations=[(path, None) for path in sorted(app.used[key])],  # type: ignore[misc]
            flags=old.flags if old else (),
            user_comments=old.user_comments if old else (),
        )
    return result


def po_text(catalogue: Catalog) -> str:
    """The file's text; without dates and line numbers, so that it changes only where a message does."""
    body = io.BytesIO()
    write_po(body, catalogue, width=110, omit_header=True, include_lineno=False)
    return HEADER + body.getvalue().decode().strip("\n") + "\n"


def write(path: Path, content: bytes) -> None:
    """Replaces the file in one step: somebody else may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)


def update(app: App) -> None:
    if not app.used and not app.po.exists():
        return
    text = po_text(updated(app))
    if not app.po.exists() or app.po.read_text("utf-8") != text:
        write(app.po, text.encode())


def compile_one(app: App) -> None:
    """Writes the .mo, unless it is newer than the .po."""
    if not app.po.exists() or (app.mo.exists() and app.mo.stat().st_mtime >= app.po.stat().st_mtime):
        return
    content = io.BytesIO()
    write_mo(content, app.catalogue())
    write(app.mo, content.getvalue())


# ---------------------------------------------------------------- what is wrong with it


def faults(app: App) -> Iterator[str]:
    """One line for each msgid that is not translated, wrongly translated or no longer used."""
    if app.used and not app.is_read_by_django:
        place = f'PACKAGE / "{app.name}" / "locale"'
        yield f"{app.name}: no app, so Django reads its catalogue only if LOCALE_PATHS has {place}"
    known = dict(entries(app.catalogue()))
    for key in sorted(app.used):
        for reason in faults_of(key, known.get(key)):
            yield f"{app.name}: {shown(key)}: {reason} ({', '.join(sorted(app.used[key]))})"
    for key in sorted(set(known) - set(app.used)):
        yield f"{app.name}: {shown(key)}: no longer used; `make messages` drops it"


def faults_of(key: Key, message: Message | None) -> Iterator[str]:
    if message is None or not all(translations(message)):
        yield "no translation"
        return
    if message.fuzzy:
        yield "marked fuzzy, so Django leaves it out"
    _context, ids = key
    for translation in translations(message):
        if placeholders(translation) != placeholders(ids[-1]) and placeholders(translation) != placeholders(ids[0]):
            yield f"placeholders differ: {translation!r}"
        if translation.startswith("\n") != ids[0].startswith("\n") or translation.endswith("\n") != ids[0].endswith(
            "\n"
        ):
            yield f"line breaks at the ends differ: {translation!r}"


def placeholders(text: str) -> set[str]:
    return {
        match.group(0) if match["bare"] else match["named"] or match["braced"] for match in PLACEHOLDERS.finditer(text)
    }


def clashes(apps: Iterable[App]) -> Iterator[str]:
    """Django lays all catalogues over each other: a msgid translated in two ways shows one of them everywhere."""
    said: dict[Key, dict[tuple[str, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    for app in apps:
        for key, message in entries(app.catalogue()):
            if all(translations(message)):
                said[key][translations(message)].append(app.name)
    for key, ways in sorted(said.items()):
        if len(ways) > 1:
            versions = "; ".join(f"{' / '.join(way)} in {', '.join(names)}" for way, names in ways.items())
            yield f"{shown(key)}: translated in several ways: {versions}. Give one a context (pgettext)"


def shown(key: Key) -> str:
    context, ids = key
    return repr(ids[0]) + (f" [{context}]" if context else "")


# ---------------------------------------------------------------- the command


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    known = [folder for folder in sorted(HOUSE.iterdir()) if (folder / "__init__.py").exists()]
    folders = [folder for folder in known if not options.apps or folder.name in options.apps]
    for name in set(options.apps) - {folder.name for folder in known}:
        print(f"messages: there is no app {name}", file=sys.stderr)
        return 2
    try:
        return run(folders, known, options)
    except (SyntaxError, ValueError) as error:
        print(f"messages: {error}", file=sys.stderr)
        return 2


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("apps", nargs="*", metavar="APP", help="only these apps; default all")
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 on any fault")
    parser.add_argument("--compile", action="store_true", help="only write the .mo files")
    return parser.parse_args(arguments)


def run(folders: list[Path], known: list[Path], options: argparse.Namespace) -> int:
    if options.compile:
        for folder in folders:
            compile_one(App(folder))
        return 0
    apps = [extract(folder) for folder in folders]
    if not options.check:
        for app in apps:
            update(app)
    found = [line for app in apps for line in faults(app)] + list(clashes(App(folder) for folder in known))
    for line in found:
        print(line)
    count = sum(len(app.used) for app in apps)
    print(f"messages: {count} in {sum(1 for app in apps if app.used)} apps, {len(found)} faults")
    return 1 if found and options.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
