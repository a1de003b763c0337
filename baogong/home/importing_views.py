"""Spreadsheets by browser: sent, tried out, columns put right, applied; and exports."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import local, now
from baogong.common.errors import NotAllowed, NotFound, RuleBroken
from baogong.common.imports import Column, Kind, all_kinds
from baogong.common.imports.files import keep_export, scratch_folder, write_as
from baogong.common.imports.reading import header_columns
from baogong.common.imports.uploads import apply_upload, drop_upload, receive_upload, rules_of, sample_of, try_out
from baogong.common.models import ImportRun
from baogong.common.tables import BROWSER, write_csv
from baogong.home.importing_forms import ColumnsForm, ExportForm, UploadForm
from baogong.people import access
from baogong.web.once import SeeOther

LATEST = 20
REFUSALS_SHOWN = 200


class QuotaHandler(FileUploadHandler):
    """Stops keeping a file that is too large while it still comes in; the rest is read and thrown away."""

    total = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.total += len(raw_data)
        if self.total > BROWSER.size + 1:
            self.request.too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def kinds_for(actor: Actor) -> list[Kind]:
    """What the actor's role may import."""
    return [kind for kind in all_kinds().values() if access.may(actor, kind.operation)]


def exports_for(actor: Actor) -> list[Kind]:
    """An export holds the whole subdistrict, so it takes a role that sees the whole of it."""
    return kinds_for(actor) if access.may(actor, "common.see_imports") else []


def importing_actor(request: HttpRequest) -> Actor:
    """Raises NotAllowed for a role that imports nothing."""
    actor = access.actor_of(request)
    if not kinds_for(actor):
        raise NotAllowed(_("Your role does not include this."))
    return actor


def run_for(actor: Actor, run_id: UUID) -> ImportRun:
    """An import that the actor made, or may see by its role. Raises NotFound."""
    mine = ImportRun.objects.within(actor.subdistrict_id).filter(pk=run_id).first()
    names = {kind.name for kind in kinds_for(actor)}
    sees_all = access.may(actor, "common.see_imports")
    if mine is None or mine.kind not in names or not (sees_all or mine.actor_id == actor.account_id):
        raise NotFound(_("There is no such import here."))
    return cast(ImportRun, mine)


# The upload handlers must be set before anything reads the form, which the check of the CSRF token does: so this view
# is exempt, and the protected one is called inside.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What can be imported and exported, and what was; POST takes a file and tries it out."""
    request.upload_handlers.insert(0, QuotaHandler(request))
    response: HttpResponse = protected_index(request)
    return response


@csrf_protect
def protected_index(request: HttpRequest) -> HttpResponse:
    actor = importing_actor(request)
    kinds = kinds_for(actor)
    form = UploadForm(kinds, request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind")})
    if request.method == "POST":
        if getattr(request, "too_large", False):
            form.errors.clear()
            form.add_error("file", _("The file has more than 20 MB. Split it, or use “baogong import” on the server."))
        elif form.is_valid():
            file = form.cleaned_data["file"]
            kind = all_kinds()[form.cleaned_data["kind"]]
            try:
                run = receive_upload(kind, file.name, file.chunks(), actor=actor, now=now())
                return SeeOther(reverse("imports:run", args=[run.pk]))
            except RuleBroken as refusal:
                form.add_error("file", str(refusal))
    return render_index(request, actor, form, ExportForm(exports_for(actor)))


def render_index(request: HttpRequest, actor: Actor, form: UploadForm, export_form: ExportForm) -> HttpResponse:
    runs = ImportRun.objects.within(actor.subdistrict_id).filter(kind__in=[kind.name for kind in kinds_for(actor)])
    if not access.may(actor, "common.see_imports"):
        runs = runs.filter(actor_id=actor.account_id)
    context = {
        "form": form,
        "export_form": export_form if export_form.known else None,
        "kinds": kinds_for(actor),
        "runs": [(one, label_of(one)) for one in runs.order_by("-at")[:LATEST]],
    }
    wrong = form.is_bound or export_form.is_bound
    return render(request, "home/import_index.html", context, status=422 if wrong else 200)


def label_of(run: ImportRun) -> str:
    kind = all_kinds().get(run.kind)
    return str(kind.label) if kind else run.kind


@require_GET
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What a file would change, or what it changed."""
    found = run_for(importing_actor(request), run_id)
    return render_run(request, found, columns_form(found))


def columns_form(found: ImportRun, *args: Any) -> ColumnsForm:
    kind, header = rules_of(found), list(found.report.get("header", ()))
    return ColumnsForm(kind, header, found.mapping or header_columns(kind, header), *args)


def render_run(request: HttpRequest, found: ImportRun, form: ColumnsForm, *, status: int = 200) -> HttpResponse:
    report = found.report
    names = {column.name: shown_name(column) for column in rules_of(found).columns}
    context = {
        "run": found,
        "label": label_of(found),
        "report": report,
        "figures": figures_of(report),
        "refusals": [(one, names.get(one["column"], "")) for one in report.get("refused", [])[:REFUSALS_SHOWN]],
        "waiting": found.state == ImportRun.State.PREVIEWED,
        "good": sum(report.get(name, 0) for name in ("created", "changed")),
        "sample": sample_of(found),
        "form": form,
    }
    return render(request, "home/import_run.html", context, status=status)


def shown_name(column: Column) -> str:
    """As the reader's spreadsheet most likely calls it."""
    return column.chinese if (get_language() or "").startswith("zh") else column.name


def figures_of(report: dict[str, Any]) -> list[tuple[str, int]]:
    """What became of the rows, for the page; nothing for a file that cannot be read."""
    words = {
        "read": _("Rows"),
        "created": _("new"),
        "changed": pgettext("rows", "changed"),
        "unchanged": _("as before"),
        "merged": _("merged"),
        "refused_rows": _("refused"),
    }
    always = {"read", "created", "changed", "unchanged"}
    return [
        (word, report[name]) for name, word in words.items() if report.get(name) or (name in always and name in report)
    ]


@require_POST
def columns(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Try the file out again with other columns."""
    actor = importing_actor(request)
    found = run_for(actor, run_id)
    form = columns_form(found, request.POST)
    if not form.is_valid():
        return render_run(request, found, form, status=422)
    try_out(found, form.mapping(), actor=actor, now=now())
    return SeeOther(reverse("imports:run", args=[found.pk]))


@require_POST
def application(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Apply the file. Sent twice, it has one effect: the file is there once, and importing again changes nothing."""
    actor = importing_actor(request)
    found = run_for(actor, run_id)
    if found.state == ImportRun.State.PREVIEWED:
        done = apply_upload(found, actor=actor, now=now())
        messages.success(request, _("%(file)s is imported.") % {"file": done.file_name})
    return SeeOther(reverse("imports:run", args=[found.pk]))


@require_POST
def removal(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Remove a file that was not applied."""
    found = run_for(importing_actor(request), run_id)
    drop_upload(found)
    messages.success(request, _("%(file)s is removed. Nothing was imported.") % {"file": found.file_name})
    return SeeOther(reverse("imports:index"))


@require_GET
def refused(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The refused lines as a spreadsheet."""
    found = run_for(importing_actor(request), run_id)
    text = io.StringIO()
    header = ["line", "column", "code", "reason"]
    write_csv(text, header, ([one[name] for name in header] for one in found.report.get("refused", [])))
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{found.kind}.csv"'
    return response


@require_POST
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """Every row of a kind as a file; who took it and what for is kept."""
    actor = importing_actor(request)
    form = ExportForm(exports_for(actor), request.POST)
    if not form.is_valid():
        return render_index(request, actor, UploadForm(kinds_for(actor)), form)
    said, at = form.cleaned_data, now()
    kind, folder = form.known[said["kind"]], scratch_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - FileResponse closes it, and with that it is gone
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        target = Path(scratch) / "export"
        rows = write_as(said["form"], kind, target, actor.subdistrict_id)
        file.write(target.read_bytes())
    keep_export(kind, rows, actor=actor, now=at, reason=said["reason"])
    file.seek(0)
    name = f"{kind.name}-{local(at):%Y%m%d-%H%M}.{said['form']}"
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response
