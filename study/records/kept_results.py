"""Keeps the results that a run knows in a file of records, if the study's journal is not there any more."""

from pathlib import Path

from study.files import unused
from study.ledger.ledger import Ledger
from study.ledger.own_file import FileChangedError
from study.records import record_file
from study.records.record_file import ENDING, Header, Record

_NAME = "kept-results"


def keep_results(ledger: Ledger, changed: FileChangedError) -> str:
    """Write every result that a run knows into a file that is new. Returns the message of the run's end."""
    records = [Record.of(*finished) for finished in ledger.finished(readable=True)]
    path = unused(ledger.folder if ledger.folder.is_dir() else Path.cwd(), _NAME, ENDING)
    record_file.write(path, Header(ledger.space, ledger.threads, tuple(ledger.revisions), ledger.codes), records)
    noun = "1 result" if len(records) == 1 else f"{len(records)} results"
    return (
        f"{changed}, so it ends here; {noun} and the checkpoints in {ledger.folder} are kept: put the journal back, or "
        f"move what is in its place away, and then: study import {path}"
    )
