"""The file of a report: where it lies, and what is written into it."""

from pathlib import Path
from typing import Literal, get_args

from analysis.drawing.source import Source
from study.errors import StudyError
from study.files import make_folder, write_whole
from study.ledger.store import study_folder
from study.report.page import html_page, markdown_page
from study.report.study_report import make_report
from study.tracking.experiment import log_files

Format = Literal["html", "md"]
FORMATS: tuple[Format, ...] = get_args(Format)
_PAGES = {"html": html_page, "md": markdown_page}


def log_report(source: Source) -> Path:
    """Writes the report of a study in a store, and keeps it in MLflow with its figures and its table of cells.

    Returns the path of the report. Raises StudyError if there is no such study, or if MLflow fails.
    """
    if source.exported:
        raise StudyError(f"{source.name}: --log keeps the report of a study in a store; this is an exported table")
    report = make_report(source)
    folder = study_folder(source.store, report.study)
    figures = {folder / "figures" / f"{picture.name}.svg": picture.whole() for picture in report.pictures}
    page, table = _place(source, report.study, "html"), folder / "cells.csv"
    for path, text in {page: html_page(report), table: source.table.to_csv(index=False), **figures}.items():
        make_folder(path.parent)
        write_whole(path, text)
    log_files(source.store, report.study, {page: "", table: "", **dict.fromkeys(figures, "figures")})
    return page


def write_report(source: Source, *, format: Format | None = None, out: Path | None = None) -> Path:
    """Writes the report of a study. Returns the path of the file.

    The format is HTML, unless `format` or the ending of `out` says otherwise. Without `out`, the report of a study in a
    store lies in the study's folder, and that of an exported table beside the table.

    Raises StudyError if no cell is complete, if the endings do not agree, or if the file cannot be written.
    """
    kind = format or _format_of(out)
    if out is not None and out.suffix != f".{kind}":
        raise StudyError(f"--out must end in .{kind} for --format {kind}, not {out.name!r}")
    report = make_report(source)
    path = out or _place(source, report.study, kind)
    try:
        write_whole(path, _PAGES[kind](report))
    except OSError as error:
        raise StudyError(
            f"{path}: cannot be written: {error.strerror or error}; choose another place with --out"
        ) from None
    return path


def _format_of(out: Path | None) -> Format:
    if out is None:
        return "html"
    for kind in FORMATS:
        if out.suffix == f".{kind}":
            return kind
    raise StudyError(f"--out must end in {' or '.join(f'.{kind}' for kind in FORMATS)}, not {out.name!r}")


def _place(source: Source, study: str, kind: Format) -> Path:
    if source.exported:
        return Path(source.name).with_name(f"{Path(source.name).stem}-report.{kind}")
    return study_folder(source.store, study) / f"report.{kind}"
