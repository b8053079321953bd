"""The command that says what a study has shown."""

import argparse
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from study.cli.lookup import DONE, console, find
from study.errors import StudyError

if TYPE_CHECKING:
    import pandas as pd

    from study.inference.cell_table import Declared
    from study.inference.conclusions import Effect
    from study.inference.factorial import Term


def effects(arguments: argparse.Namespace) -> int:
    """Say what each change to the baseline does: differences, intervals, verdicts."""
    from study.cli.tables import effects_table
    from study.inference import cell_table as tidy
    from study.inference import conclusions, factorial
    from study.inference.columns import metric_name
    from study.inference.findings import findings
    from study.inference.nuisance import at_best_nuisance

    cells = _table(arguments)
    table = at_best_nuisance(cells)
    said, found = tidy.declared(table), conclusions.effects(table)
    metric = metric_name(tidy.objective(table))
    console().print(effects_table(found, metric, _baseline(table), _changes(table)), highlight=False)
    print(*_notes(found, said), *_left_out(cells), sep="\n")
    terms = factorial.terms(table) if factorial.is_grid(table) else []
    if terms:
        _print_terms(terms)
    print(*findings(table, grid=terms), sep="\n")
    return DONE


def _print_terms(terms: "Sequence[Term]") -> None:
    """Of a grid also what its factors do over all levels of the others."""
    from study.cli.tables import terms_table

    console().print("", terms_table(terms), sep="\n", highlight=False)
    print("main effects and interactions over all levels of the other factors: Student's t, variances may differ;")
    print("intervals of each alone, p adjusted by Holm for all of these\n")


def _table(arguments: argparse.Namespace) -> "pd.DataFrame":
    """One study's cells; of a search-space file, as the file now declares how they compare."""
    from study import results
    from study.inference import columns

    if arguments.name.endswith(".toml"):
        ledger, space = find(arguments)
        if ledger is None:
            raise StudyError(f"study {space.name!r} has not run yet; `study run {arguments.name}` runs it")
        return results.table(ledger)
    table = results.read_table(arguments.name, store=arguments.store)
    if lacking := [name for name in columns.needed(columns.TABLE, "effects") if name not in table]:
        raise StudyError(f"{arguments.name}: no column {', '.join(lacking)}; `study export NAME` writes them")
    if (count := table["study"].nunique()) != 1:
        raise StudyError(f"{arguments.name}: holds {count} studies; effects are of one")
    return table


def _baseline(table: "pd.DataFrame") -> tuple[float, int]:
    """The baseline's mean and complete cells."""
    from study.inference import cell_table as tidy

    cells = tidy.complete(tidy.comparable(table))
    values = cells.loc[cells["point"] == tidy.BASELINE, tidy.objective(table)]
    return float(values.mean()), len(values)


def _changes(table: "pd.DataFrame") -> dict[str, str]:
    """What each point changes, `2 → 4`, by its name, and the nuisance factors' levels that are best for it.

    A point that changes several factors is told by its name alone.
    """
    from study.inference import cell_table as tidy
    from study.inference import nuisance
    from study.inference.changes import changes
    from study.inference.columns import level_column
    from study.task import describe

    baseline = table[table["point"] == tidy.BASELINE].iloc[0]

    def change(factor: str, level: str) -> str:
        before = baseline.get(level_column(factor))
        return level if before is None else f"{describe(getattr(before, 'item', lambda: before)())} → {level}"

    def told(pairs: dict[str, str]) -> list[str]:
        return [change(*pair) for pair in pairs.items()] if len(pairs) == 1 else []

    best = nuisance.best_nuisance_levels(table)
    return {point: ", ".join([*told(pairs), *best.get(point, [])]) for point, pairs in changes(table).items()}


def _notes(found: "Sequence[Effect]", said: "Declared") -> Iterator[str]:
    """What must be known to read the table, a line each."""
    from study.inference.conclusions import HOW

    tested = sum(not math.isnan(effect.p) for effect in found)
    if not tested:
        yield "nothing is tested: that takes two seeds, at the baseline and at a variant"
    elif tested == 1:
        yield f"difference from the baseline: {HOW[said.method]}; 95 % intervals"
    else:
        yield (
            f"differences from the baseline: {HOW[said.method]}; 95 % intervals of each alone, and of all {tested} at "
            "once\n"
            f"p adjusted for {tested} variants by step-down, 5 % for all together; a verdict by it can be sharper than "
            "the interval of all"
        )
    if said.margin is not None:
        yield f"no difference: within ±{said.margin:g} by two one-sided tests, 5 % for each variant alone"
    if any(effect.verdict == "undecided" and math.isfinite(effect.deciding) for effect in found):
        yield "undecided (n seeds): so many a point would decide with 80 % probability, were the difference as it looks"
    alone = [
        f"{effect.point} {effect.tested}"
        for effect in found
        if effect.tested < max(effect.seeds, effect.baseline_seeds)
    ]
    if said.method == "paired" and alone:
        yield f"fewer pairs than seeds: {'; '.join(alone)}"


def _left_out(table: "pd.DataFrame") -> Iterator[str]:
    """The cells that no mean contains, and which way that bends it."""
    from study.inference import cell_table as tidy

    cells = tidy.comparable(table)
    if left := tidy.left_out(cells):
        yield f"in no mean: {tidy.counts_text(left)}"
    known = set(tidy.complete(cells)["point"])
    if absent := [str(point) for point in cells["point"].unique() if point not in known]:
        yield f"not in the table, for no cell of theirs is complete: {'; '.join(absent)}"
    if (tidy.BIASING & left.keys()) - {"pruned"}:
        yield "a mean without them is of the cells that went well, so it flatters a point that often does not"
    if len(cells) == len(table):
        return
    if "pruned" in left:
        yield "seeds of a point are pruned when those before look bad, so the mean of those before is too low"
    tried = tidy.searched(table)
    ended = f", {tidy.counts_text(early)}" if (early := tidy.left_out(tried)) else ""
    yield f"these are the best of a search of {len(tried)} trials{ended}, on fresh seeds; its own values are in no mean"
