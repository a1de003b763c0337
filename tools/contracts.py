"""Two rules of the house that import-linter has no contract for; both hold also while a room does not exist yet."""

from __future__ import annotations

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOT = "baogong"


def room_of(module: str) -> str:
    """`baogong.supply.services` -> `supply`; empty for what lies outside the house."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == ROOT else ""


def is_test(module: str) -> bool:
    return "tests" in module.split(".")


def imports(graph: ImportGraph) -> Iterator[tuple[str, str]]:
    """Every (importer, imported) of the house's own code, tests left out."""
    for importer in sorted(graph.modules):
        if room_of(importer) and not is_test(importer):
            yield from ((importer, imported) for imported in sorted(graph.find_modules_directly_imported_by(importer)))


def verdict(breaches: list[tuple[str, str]]) -> ContractCheck:
    return ContractCheck(kept=not breaches, metadata={"breaches": breaches})


def show(check: ContractCheck) -> None:
    for importer, imported in check.metadata["breaches"]:
        output.print_error(f"{importer} imports {imported}", bold=False)


class DoorsContract(Contract):
    """A door (views, api, ...) is imported only from its own room and from the rooms in `may_use_doors`.

    The rooms in `shared` are tools of the doors (a base class of all views) and may be imported by any.
    """

    type_name = "doors"
    doors = fields.SetField(subfield=fields.StringField())
    may_use_doors = fields.SetField(subfield=fields.StringField())
    shared = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        return verdict([pair for pair in imports(graph) if self._breaks(*pair)])

    def render_broken_contract(self, check: ContractCheck) -> None:
        show(check)

    def _breaks(self, importer: str, imported: str) -> bool:
        room = room_of(importer)
        if room_of(imported) in {"", room, *self.shared} or room in self.may_use_doors:  # type: ignore[operator, misc]
            return False
        parts = imported.split(".")
        return len(parts) > 2 and parts[2] in self.doors  # type: ignore[operator]


class PureContract(Contract):
    """The rooms in `pure` import no other room and nothing in `forbidden`."""

    type_name = "pure"
    pure = fields.SetField(subfield=fields.StringField())
    forbidden = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        return verdict([pair for pair in imports(graph) if self._breaks(*pair)])

    def render_broken_contract(self, check: ContractCheck) -> None:
        show(check)

    def _breaks(self, importer: str, imported: str) -> bool:
        if room_of(importer) not in self.pure:  # type: ignore[operator]
            return False
        top = imported.partition(".")[0]
        if top == ROOT:
            return room_of(imported) != room_of(importer)
        return top in self.forbidden  # type: ignore[operator]
