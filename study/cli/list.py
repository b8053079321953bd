"""`study list`: the studies of the store."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from study.cli.cell_counts import counts_with_total
from study.cli.exit_status import DONE
from study.cli.output import print_json, print_rows
from study.errors import StudyError
from study.ledger import store
from study.ledger.ledger import Ledger
from study.space.printable import printable
from study.space.trial import CELL_STATES
from study.text_table import Column


def execute(arguments: argparse.Namespace) -> int:
    """List the studies of the store."""
    studies = [*_studies(arguments.store)]
    if arguments.json:
        print_json({"studies": studies})
    elif not studies:
        print(f"{arguments.store} holds no study yet; `study run FILE` makes one")
    else:
        rows = [[study[column.title] for column in _COLUMNS] for study in studies]
        print_rows(_COLUMNS, rows)
    return DONE


_RANKS = {"complete": 0, "missing": 0, "failed": 1, "running": 2, "diverged": 3, "pruned": 4, "refused": 5}
_COLUMNS = (Column("study", "name"), Column("cells"), *(Column(state, rank=_RANKS[state]) for state in CELL_STATES))


def _studies(folder: Path) -> Iterator[dict[str, object]]:
    for name in store.names(folder):
        try:
            yield {"study": name, **counts_with_total(Ledger.read(folder, name))}
        except StudyError as error:  # One study that cannot be read must not hide the others.
            print(printable(str(error)), file=sys.stderr)
