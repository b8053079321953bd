"""`study verify`: new examples, and the text that the best model reads in each."""

import argparse

from study.cli.best_point import final_best_point
from study.cli.exit_status import DONE
from study.cli.output import print_rows
from study.running.replay import Attended
from study.terminal import console
from study.text_table import Column
from study.winner.verify import fresh_answers


def execute(arguments: argparse.Namespace) -> int:
    """Show new examples and the text that the best model reads in each. No split contains these examples."""
    ledger, best = final_best_point(arguments)
    answers = fresh_answers(
        ledger, best, count=arguments.count, seed=arguments.seed, say=print, attended=Attended(console())
    )
    rows = [(answer.true, answer.read, " ".join(map(str, answer.wrong))) for answer in answers]
    print(f"study {ledger.space.name}: {best.name}, on {len(rows)} fresh examples that no split holds")
    print_rows([Column(title, "text") for title in ("true", "read", "wrong at")], rows)
    right = sum(not answer.wrong for answer in answers)
    print(f"{right} of {len(rows)} read whole ({right / len(rows):.0%})")
    return DONE
