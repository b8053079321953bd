"""The results of a study in short: its answer, a row for each point, and what limits the conclusions."""

from study.cli.output import print_lines, print_table
from study.cli.tables import summary_table
from study.inference.answer import answer
from study.inference.dose import point_names
from study.inference.effects import HOW, summary
from study.inference.findings import conditions
from study.inference.pareto import pareto
from study.ledger.ledger import Ledger
from study.ledger.tables import table


def print_results(ledger: Ledger) -> None:
    """Print the means of all points with a complete cell, and what they say; nothing if there is none."""
    cells = table(ledger)
    if (cells["state"] == "complete").any():
        print_lines(answer(cells), "")
        print_table(summary_table(summary(cells), ledger.space.objective, names=point_names(cells)))
        how = f"means over seeds, their Student's t intervals; differences: {HOW[ledger.space.comparison]}, each alone"
        print_lines(how, *conditions(cells), *filter(None, [pareto_line(ledger)]))


def pareto_line(ledger: Ledger) -> str:
    """Returns a line with the points on the Pareto front, or an empty text if there is only one objective."""
    objectives = ledger.space.objectives
    if len(objectives) < 2:
        return ""
    return f"Pareto front ({', '.join(map(str, objectives))}): {'; '.join(pareto(table(ledger), objectives))}"
