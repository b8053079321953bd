"""What became of the article's eight claims? A table of what it says and of what these studies measured."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import article
from analysis.figure import FigureError, budget
from analysis.script import Script, Source
from analysis.words import digits
from study import conclusions, inference, mixture, tidy
from study.inference import Difference, Interval
from study.tidy import BASELINE

NOT_RUN = "not run"
COLUMNS = ("#", "the article says", "it measured", "measured here", "study", "epochs × examples")
Measure = Callable[[pd.DataFrame], Iterator[str]]
"""What a study's table says of a claim, a text each; nothing where the study does not vary it."""


@dataclass(frozen=True)
class Claim:
    """One thing that the article says, what it has to show for it, and how a study's table measures it."""

    says: str
    measured: str
    measure: Measure


@dataclass(frozen=True)
class Row:
    """One measurement of a claim, and the study that it comes from; `not run` where there is none."""

    number: int
    claim: Claim
    here: str = NOT_RUN
    study: str = ""
    budget: str = ""


def rows(tables: Sequence[pd.DataFrame]) -> list[Row]:
    """Every claim in the article's order, with each of its measurements in these studies."""
    made: list[Row] = []
    for number, claim in enumerate(CLAIMS, start=1):
        found = [
            Row(number, claim, here, str(table["study"].iloc[0]), _budget(table))
            for table in tables
            for here in claim.measure(table)
        ]
        made.extend(found or [Row(number, claim)])
    return made


def compose(source: Source, *, more: Sequence[str] | None = None) -> tuple[str, str]:
    """The table and what it rests on, in Markdown, of studies of the article's task."""
    sources = [source, *(Source(name, source.store) for name in more or [])]
    tables = [_checked(one) for one in sources]
    lines = [
        "# The article's claims, and what was measured",
        "",
        *_table([COLUMNS, *_cells(rows(tables))]),
        "",
        f"The article measured at {article.FIDELITY}, with one training run. Here: means over n seeds between the ends",
        "of 95 % Student's t intervals, and differences between those of Welch's t, after the last epoch, each of one",
        "comparison alone; every other setting is at the study's baseline. No verdict is drawn from them here.",
        "",
        *(f"- {_about(table)}" for table in tables),
        "",
    ]
    return "\n".join(lines), str(tables[0]["study"].iloc[0])


# How a claim is measured


def value(**levels: str) -> Measure:
    """The objective at these levels."""

    def measure(table: pd.DataFrame) -> Iterator[str]:
        if len(values := _values(table, levels)):
            yield f"{_point(levels)}: {_metric(table)} {_mean(inference.mean_interval(values))}, n = {len(values)}"

    return measure


def contrast(factor: str, against: str, *, to: Sequence[str] = (), across: str = "") -> Measure:
    """The difference that a level of the factor makes against another one: any level or one of those in `to`.

    Where another factor is given to look `across`, at each level of that.
    """

    def measure(table: pd.DataFrame) -> Iterator[str]:
        for place in _levels(table, across) if across else [""]:
            where = {across: place} if across else {}
            reference = _values(table, {factor: against, **where})
            for level in to or [level for level in _levels(table, factor) if level != against]:
                values = _values(table, {factor: level, **where})
                if len(values) and len(reference):
                    at = f"at {_point(where)}, " if where else ""
                    change = _change(inference.difference(values, reference))
                    yield f"{at}{factor} {level} instead of {against}: {change}, n = {len(values)} and {len(reference)}"

    return measure


def both(*measures: Measure) -> Measure:
    """One measurement after the other."""
    return lambda table: (text for measure in measures for text in measure(table))


def reader(table: pd.DataFrame) -> Iterator[str]:
    """What the rule-based reader reads of codes like the study's."""
    if (share := article.measured(table)) is not None:
        yield f"the reader: {_metric(table)} {share:.3f} of {article.COUNT} codes"


def search(table: pd.DataFrame) -> Iterator[str]:
    """What the best confirmed point of a search gains over the baseline."""
    if "phase" not in table or not (table["phase"] == "confirm").any():
        return
    effects = conclusions.effects(table)
    sign = 1 if table["direction"].iloc[0] == "maximize" else -1
    if effects:
        best = max(effects, key=lambda effect: sign * effect.mean)
        change = Difference(best.difference, best.low, best.high, best.p)
        yield f"best confirmed, {best.point}: {_change(change)}, n = {best.seeds} and {best.baseline_seeds}"


CLAIMS = (
    Claim(
        "seven convolutions with global max pooling reach val_acc 0.92",
        "0.923",
        value(conv_depth="7", pooling="global_max", trunk="conv"),
    ),
    Claim(
        "two convolutions reach only about 0.5",
        "about 0.5",
        both(
            value(conv_depth="2", pooling="global_max", trunk="conv"),
            contrast("conv_depth", "2", to=["7"]),
        ),
    ),
    Claim(
        "depth matters because it tells where a bit is: so coordinates as input should do in its place",
        "conjecture",
        contrast("coordinates", "false", across="conv_depth"),
    ),
    Claim("no pooling between convolutions is needed", "assumed", contrast("downsampling", "none")),
    Claim(
        "a flatten layer instead of the global pooling may learn faster or better",
        "conjecture",
        contrast("pooling", "global_max", to=["flatten"]),
    ),
    Claim(
        "a network without convolution is enough",
        "conjecture",
        both(value(trunk="dense"), contrast("trunk", "conv")),
    ),
    Claim("a rule-based reader is enough, so the ceiling is 1.0", "stated", reader),
    Claim("adjusting epochs and model improves the accuracy a little more", "conjecture", search),
)


def _values(table: pd.DataFrame, levels: dict[str, str]) -> "np.ndarray":
    """The objective of the cells that count at these levels."""
    cells = tidy.complete(tidy.at(table, levels, standing=article.standing(table)))
    return cells[tidy.objective(table)].to_numpy(float)


def _levels(table: pd.DataFrame, factor: str) -> list[str]:
    """The levels of a factor in this study, the baseline's among them; numbers in their order."""
    changes = map(tidy.changed, table["point"].unique())
    levels = {change[factor] for change in changes if factor in change} | {article.standing(table)[factor]}
    return sorted(levels, key=lambda level: (float(level), "") if level.isdecimal() else (np.inf, level))


def _checked(source: Source) -> pd.DataFrame:
    table = source.table
    if article.about(table):
        return table
    way = "an older export lacks the columns `task` and `baseline`: `study export` writes them"
    raise FigureError(f"{source.name}: no study of the article's task; {way}")


def _metric(table: pd.DataFrame) -> str:
    return tidy.objective(table).removeprefix("metric.")


def _mean(interval: Interval) -> str:
    spec = digits([interval.mean])
    ends = f" ({interval.low:{spec}} to {interval.high:{spec}})" if np.isfinite(interval.low) else ""
    return f"{interval.mean:{spec}}{ends}".replace("-", "−")


def _change(change: Difference) -> str:
    spec = "+" + digits([change.value])
    ends = f" ({change.low:{spec}} to {change.high:{spec}})" if np.isfinite(change.low) else ""
    return f"{change.value:{spec}}{ends}".replace("-", "−")


def _point(levels: dict[str, str]) -> str:
    return " ".join(f"{factor}={level}" for factor, level in levels.items())


def _budget(table: pd.DataFrame) -> str:
    cells = tidy.complete(table)
    ranges = ([int(ends) for ends in (cells[name].min(), cells[name].max())] for name in ("epochs", "train_examples"))
    return " × ".join(f"{low:,}" if low == high else f"{low:,} to {high:,}" for low, high in ranges)


def _about(table: pd.DataFrame) -> str:
    """What a study's numbers stand for: its budget, and how its baseline differs from the article's."""
    changes = str(table["baseline"].iloc[0])
    said = "the article's own settings" if changes == BASELINE else f"the article's settings but for {changes}"
    left = tidy.left_out(table)
    missed = f"; left out: {', '.join(f'{count} {why}' for why, count in left.items())}" if left else ""
    mixed = f". {mixture.sentence(table)}".rstrip(". ")
    return f"{table['study'].iloc[0]}: {budget(tidy.complete(table))}; its baseline is {said}{missed}{mixed}"


def _cells(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """The rows as texts; of a claim measured several times only the first repeats what the article says."""
    last = 0
    for row in rows:
        said = (str(row.number), row.claim.says, row.claim.measured) if row.number != last else ("", "", "")
        last = row.number
        yield (*said, row.here, row.study, row.budget)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *others = ("| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in rows)
    return [head, "|" + "---|" * len(rows[0]), *others]


SCRIPT = Script(
    "claims",
    compose,
    {"more": {"nargs": "*", "metavar": "NAME", "help": "further studies, as the first"}},
    suffix=".md",
)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
