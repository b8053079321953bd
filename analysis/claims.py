"""What became of the article's eight claims? A table of what it says and of what these studies measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import pandas as pd

from analysis import article
from analysis.claim_measures import (
    HEDGED,
    ClaimVerdict,
    Measure,
    Measurement,
    all_of,
    best_confirmed,
    best_of_own_settings,
    difference_at_each,
    level_difference,
    objective_at,
    replacement,
    rule_based_reader,
)
from analysis.drawing.caption import budget_phrase, number_range
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.source import FigureError, Source
from study.inference import cell_table
from study.inference.mixture import mixture_sentence
from study.inference.multiplicity import holm
from study.inference.t_tests import ERROR
from study.inference.verdict_rule import ENOUGH_SEEDS, FEWEST_SEEDS
from study.space.printable import printable
from study.space.trial import BASELINE

TITLE = "The article's claims, and what was measured"
NOT_RUN = "not run"
COLUMNS = ("#", "the article says", "it measured", "measured here", "at this fidelity", "study", "epochs × examples")


@dataclass(frozen=True)
class Claim:
    """One thing that the article says, what it measured for it, and how a study's table measures it."""

    statement: str
    article_measured: str
    measure: Measure


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measurement of a claim and the study that it comes from; `not run` if no study measures it."""

    number: int
    claim: Claim
    measured: str = NOT_RUN
    verdict: ClaimVerdict = ""
    p: float | None = None
    """The p of the verdict for this row alone. None if it rests on no test."""
    study: str = ""
    budget: str = ""


def rows(tables: Sequence[pd.DataFrame]) -> list[Row]:
    """Returns every claim in the article's order, with each of its measurements in these studies."""
    alone = [row for number, claim in enumerate(CLAIMS, start=1) for row in _claim_rows(number, claim, tables)]
    return _as_family(alone)


def _as_family(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows. What only its own p decides, not the p that Holm adjusts for all rows, is undecided."""
    adjusted = holm([nan if row.p is None else row.p for row in rows])
    return [
        replace(row, verdict="undecided") if row.p is not None and not p < ERROR else row
        for row, p in zip(rows, adjusted, strict=True)
    ]


def _claim_rows(number: int, claim: Claim, tables: Sequence[pd.DataFrame]) -> list[Row]:
    # Studies that share cells measured some things alike, to the last digit: that is one row.
    studies: dict[tuple[Measurement, str], list[str]] = {}
    for table in tables:
        for measurement in claim.measure(table):
            studies.setdefault((measurement, _budget(table)), []).append(str(table["study"].iloc[0]))
    return [
        Row(
            number=number,
            claim=claim,
            measured=measurement.text,
            verdict=measurement.verdict,
            p=measurement.p,
            study=", ".join(names),
            budget=budget,
        )
        for (measurement, budget), names in studies.items()
    ] or [Row(number=number, claim=claim)]


def compose(source: Source, *, more: Sequence[str] | None = None) -> Composed:
    """Returns the table and what it rests on, in Markdown. The studies must train the article's task."""
    sources = [source, *(Source(name, source.store, source.metric) for name in more or [])]
    tables: list[pd.DataFrame] = []
    for table in map(_checked, sources):
        if not any(table.equals(other) for other in tables):
            tables.append(table)
    measured = rows(tables)
    lines = [
        f"# {TITLE}",
        "",
        answer(measured),
        "",
        *_markdown_table([COLUMNS, *_texts(measured)]),
        "",
        *EXPLANATION,
        "",
        *(f"- {_about(table)}" for table in tables),
        "",
    ]
    return Composed(made="\n".join(lines), study=str(tables[0]["study"].iloc[0]), title=TITLE, answer=answer(measured))


def answer(rows: Sequence[Row]) -> str:
    """Returns which claims were confirmed or contradicted wherever they were tested, in a sentence."""
    verdicts: dict[int, set[str]] = {}
    for row in rows:
        verdicts.setdefault(row.number, set()).update({row.verdict} - {"", "not tested at this fidelity"})
    groups: dict[str, list[str]] = {name: [] for name in _ANSWERS}
    for number, found in verdicts.items():
        sure = found - {hedged for verdict, hedged in HEDGED.items() if verdict in found}
        (only,) = sure if len(sure) == 1 else ("undecided or depends",) if sure else ("not tested",)
        groups[only if only in groups else "undecided or depends"].append(str(number))
    parts = [f"{verdict}: {', '.join(numbers)}" for verdict, numbers in groups.items() if numbers]
    return f"Of the eight claims, at the fidelity that was tried: {'; '.join(parts)}."


_ANSWERS = (*HEDGED, *HEDGED.values(), "undecided or depends", "not tested")

EXPLANATION = (
    f"The article measured at {article.FIDELITY}, with one training run. Here values are means over n seeds with 95 %",
    "Student's t intervals, and differences have Welch's t intervals, each of one comparison alone. Both are after",
    "the last epoch, with every other setting at the study's baseline. A verdict is about the claim at the row's",
    "fidelity. All rows are one family: Holm adjusts their p, so that with a probability of at most 5 % any of all",
    f"verdicts is wrong. With fewer than {ENOUGH_SEEDS} seeds a claim only looks confirmed or contradicted, and with",
    f"fewer than {FEWEST_SEEDS} there is no verdict. For the best of several points p is adjusted for their number",
    f"first, and its mean is too good. A value is confirmed if its mean is shown to be above {article.DEPTHS[7]}. If",
    "less than the article's budget does not reach it, the claim is not tested at this fidelity. That some network is",
    "enough cannot be contradicted by one that is not. A replacement is confirmed if a loss beyond the study's margin",
    "is excluded (one-sided), and contradicted if one is shown. Adjusting is compared with the article's own settings,",
    "in any precision.",
)


SMALLER = ("max_2x2", "average_2x2", "stride")
"""How feature maps are made smaller between convolutions, if they are."""
CLAIMS = (
    Claim(
        "seven convolutions with global max pooling reach val_acc 0.92",
        "0.923",
        objective_at(
            reaches=article.DEPTHS[7], conv_depth="7", downsampling="none", pooling="global_max", trunk="conv"
        ),
    ),
    Claim(
        "two convolutions read less than seven, only about 0.5",
        "about 0.5",
        all_of(
            objective_at(conv_depth="2", pooling="global_max", trunk="conv"),
            level_difference("conv_depth", "2", to=["7"]),
        ),
    ),
    Claim(
        "depth matters because it tells where a bit is: so coordinates as input should do in its place",
        "conjecture",
        all_of(
            difference_at_each("conv_depth", factor="coordinates", level="true", against="false"),
            replacement({"conv_depth": "2", "coordinates": "true"}, of={"conv_depth": "7", "coordinates": "false"}),
        ),
    ),
    Claim(
        "no pooling between convolutions is needed",
        "assumed",
        all_of(*(replacement({"downsampling": "none"}, of={"downsampling": made}) for made in SMALLER)),
    ),
    Claim(
        "a flatten layer instead of the global pooling may learn faster or better",
        "conjecture",
        level_difference("pooling", "global_max", to=["flatten"]),
    ),
    Claim(
        "a network without convolution is enough",
        "conjecture",
        all_of(
            objective_at(reaches=article.DEPTHS[7], exists=True, trunk="dense"),
            best_confirmed(reaches=article.DEPTHS[7], exists=True, trunk="dense"),
            level_difference("trunk", "conv", exists=True),
        ),
    ),
    Claim("a rule-based reader is enough, so the ceiling is 1.0", "stated", rule_based_reader),
    Claim("adjusting epochs and model improves the accuracy a little more", "conjecture", best_of_own_settings),
)


def _checked(source: Source) -> pd.DataFrame:
    table = source.table
    if not article.is_its_task(table):
        way = "an older export lacks the columns `task` and `baseline`: `study export` writes them"
        raise FigureError(f"{source.name}: no study of the article's task; {way}")
    if problem := article.misfit(table):
        raise FigureError(f"{source.name}: {problem}")
    return table


def _budget(table: pd.DataFrame) -> str:
    cells = cell_table.complete(table)
    return " × ".join(number_range(cells[name]) for name in ("epochs", "train_examples"))


def _about(table: pd.DataFrame) -> str:
    """Says what a study's numbers rest on: its budget, how its baseline differs from the article's, what is missing."""
    changes = str(table["baseline"].iloc[0])
    settings = "the article's own settings" if changes == BASELINE else f"the article's settings except {changes}"
    counts = cell_table.left_out(table)
    left_out = f"; left out: {cell_table.counts_text(counts)}" if counts else ""
    budget = budget_phrase(cell_table.complete(table))
    about = f"{table['study'].iloc[0]}: {budget}; its baseline is {settings}{left_out}"
    limits = (
        mixture_sentence(table),
        f"Points are {size}." if (size := cell_table.equal_size(table)) else "",
        cell_table.epoch_sentence(table),
        cell_table.looks_sentence(table),
        cell_table.revision_sentence(table),
        cell_table.openings_sentence(table),
    )
    return f"{about}. {' '.join(filter(None, limits))}".rstrip(". ")


def _texts(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """Yields the rows as texts. Only the first measurement of a claim repeats what the article says."""
    last = 0
    for row in rows:
        claim = (str(row.number), row.claim.statement, row.claim.article_measured)
        yield (*(claim if row.number != last else ("", "", "")), row.measured, row.verdict, row.study, row.budget)
        last = row.number


def _markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *others = ("| " + " | ".join(_cell_text(text) for text in row) + " |" for row in rows)
    return [head, "|" + "---|" * len(rows[0]), *others]


def _cell_text(text: str) -> str:
    return printable(text).replace("\n", " ").replace("|", "\\|")


SCRIPT = FigureScript("claims", compose, ("more",), suffix=".md")

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
