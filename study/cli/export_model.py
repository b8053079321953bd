"""`study export-model`: the best model as a folder to give away."""

import argparse

from study.cli.best_point import final_best_point
from study.cli.exit_status import DONE
from study.running.replay import Attended
from study.terminal import console
from study.winner.exported_model import export


def execute(arguments: argparse.Namespace) -> int:
    """Write the best model, its settings, its data's fingerprint and a model card into a folder."""
    ledger, best = final_best_point(arguments)
    for path in export(ledger, best, arguments.out, say=print, attended=Attended(console())):
        print(path)
    return DONE
