"""The report that a study gets at its end, once for each state of its results.

A process of its own draws it, so that the launcher loads no drawing library, and an error there ends nothing.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from study.files import write_whole
from study.ledger import holdout
from study.ledger.ledger import Ledger
from study.space.cell_key import digest
from study.tracking.connection import database, server, tracking_uri

SWITCH = "STUDY_REPORT"
NEVER = "never"
"""With this value of the variable, no study gets a report at its end. `study report NAME --log` still makes one."""
_MARK = "reported"
"""The file in the study's folder that says of which results the report is."""
_ROOT = Path(__file__).parents[2]


def write_at_end(ledger: Ledger, store: Path, *, say: Callable[[str], None], warn: Callable[[str], None]) -> None:
    """Write a study's report and keep it in MLflow, unless that was done with the same results.

    An error is one warning, because every result is kept already.
    """
    mark, state = ledger.folder / _MARK, _state(ledger, store)
    if os.environ.get(SWITCH) == NEVER or (mark.is_file() and mark.read_text(encoding="utf-8") == state):
        return
    try:
        done = _run(ledger.space.name, store)
        if done.returncode == 0:
            write_whole(mark, state)
            say(f"the report is {done.stdout.strip()}")
            return
        problem = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
    except (OSError, KeyboardInterrupt) as error:
        problem = str(error) or "interrupted"
    warn(f"the report is not written: {problem}; `study report {ledger.space.name} --log` writes it")


def _run(study: str, store: Path) -> "subprocess.CompletedProcess[str]":
    # This package may have been found by a path that only this process has.
    paths = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-P", "-m", "study", "--store", str(store), "report", study, "--log"]
    return subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _state(ledger: Ledger, store: Path) -> str:
    """Returns a digest of all that the report shows, and of the log that keeps it."""
    cells = [(cell.config.key, cell.state) for cell in ledger.cells()]
    openings = len(holdout.read_openings(ledger.folder))
    # A new database of the same name knows nothing of the report.
    log = tracking_uri(store), 0 if server() or not database(store).exists() else database(store).stat().st_ino
    return digest([ledger.id, cells, ledger.space.to_json(), ledger.revisions, openings, log])
