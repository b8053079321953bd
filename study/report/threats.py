"""The section about what may make the conclusions wrong, or keep them from holding elsewhere."""

from collections.abc import Iterator, Sequence

import pandas as pd

from study.inference import cell_table
from study.inference.cell_table import comparable, declared
from study.inference.dose import doses
from study.inference.effects import Effect
from study.inference.mixture import mixture_sentence
from study.inference.nuisance import at_best_nuisance, best_nuisance_levels
from study.inference.variation import seed_variation, variation_sentence
from study.inference.verdict_rule import FEWEST_SEEDS
from study.report.parts import Section


def threat_section(table: pd.DataFrame, effects: Sequence[Effect]) -> Section:
    """Returns a sentence about each threat that this study has, the gravest first. `effects` are those of the table."""
    unsure = [*_open_questions(effects), *_few_seeds(table)]
    sentences = [*_broken_comparisons(table), *_optimism(table), *unsure, *_narrow_conditions(table)]
    return Section(title="Threats to validity", sentences=sentences, listed=True)


def _broken_comparisons(table: pd.DataFrame) -> Iterator[str]:
    """Yields what may make a comparison wrong: cells that ran elsewhere or otherwise, or that are not there."""
    yield from filter(None, (mixture_sentence(table), cell_table.revision_sentence(table)))
    lost = cell_table.left_out(comparable(table))
    if biasing := {state: count for state, count in lost.items() if state in cell_table.BIASING}:
        counts = cell_table.counts_text(biasing)
        yield f"Means contain only cells that went well ({counts} do not count), which flatters points that often fail."
    if waiting := {state: count for state, count in lost.items() if state in ("running", "missing")}:
        yield f"The study is not complete: {cell_table.counts_text(waiting)}. Its verdicts may still change."


def _optimism(table: pd.DataFrame) -> Iterator[str]:
    """Yields why some numbers are better than new data would show."""
    if cell_table.search_phases(table) == {"search"}:
        yield "The search chose its best points by the same values that are shown, so they are too good."
    if best_nuisance_levels(at_best_nuisance(table)):
        yield "The levels of nuisance factors were chosen on the seeds that judge them, so means are too good."
    yield from filter(None, [cell_table.epoch_sentence(table)])
    if len(set(comparable(table)["point"])) > 1:
        yield "The point with the best mean was partly lucky: on new seeds expect it to be somewhat worse."
    yield cell_table.openings_sentence(table) or (
        "All scores are of the validation set, by which points were compared; the test split was never opened."
        if "test_openings" in table
        else "All scores are of the validation set, by which points were compared."
    )


def _few_seeds(table: pd.DataFrame) -> Iterator[str]:
    """Yields what the seeds cannot tell."""
    if declared(table).method == "equal_variances":
        yield "The file declares equal variances. If a change makes trials unstable, its verdict errs more often."
    if len(factors := doses(table)) > 1:
        yield f"Each of the {len(factors)} trends is tested alone: no p allows for the others."
    yield from filter(None, [variation_sentence(seed_variation(table))])


def _open_questions(effects: Sequence[Effect]) -> Iterator[str]:
    """Yields how many comparisons decided nothing."""
    tested = [effect for effect in effects if effect.p == effect.p and effect.verdict == "undecided"]
    few = sum(not effect.look and effect.fewest_seeds < FEWEST_SEEDS for effect in tested)
    undecided = len(tested) - few
    untested = sum(effect.verdict != "confounded" and effect.p != effect.p for effect in effects)
    if undecided:
        more = "how far its looks are" if any(effect.look for effect in effects) else "how many seeds would decide each"
        yield (
            f"{_of_all(undecided, effects)} undecided. Undecided does not mean equal: the table of verdicts says "
            f"{more}."
        )
    if few:
        yield f"{_of_all(few, effects)} without a verdict, because this takes {FEWEST_SEEDS} seeds."
    if untested:
        yield f"{_of_all(untested, effects)} not tested, because one seed is no test."


def _of_all(count: int, effects: Sequence[Effect]) -> str:
    return f"{count:,} of {len(effects):,} comparisons {'is' if count == 1 else 'are'}"


def _narrow_conditions(table: pd.DataFrame) -> Iterator[str]:
    """Yields where the conclusions hold, and where nobody looked."""
    vary = str(table["vary"].dropna().iloc[0]) if "vary" in table and table["vary"].notna().any() else ""
    if vary and "data" not in vary.split():
        yield "Every seed sees the same examples, so the intervals do not cover another choice of data."
    yield "The conclusions hold at the fixed settings and at this budget. A longer training may reverse them."
