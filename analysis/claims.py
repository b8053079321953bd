"""What became of the article's eight claims? A table of what it says and of what these studies measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis import article
from analysis.figure import FigureError, budget
from analysis.measures import Found, Measure, Verdict, across, best, both, contrast, reader, replacement, value
from analysis.script import Script, Source
from study.inference import cell_table as tidy
from study.inference import mixture
from study.inference.cell_table import BASELINE
from study.inference.comparisons import ERROR

NOT_RUN = "not run"
COLUMNS = ("#", "the article says", "it measured", "measured here", "at this fidelity", "study", "epochs × examples")


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
    verdict: Verdict = ""
    study: str = ""
    budget: str = ""


def rows(tables: Sequence[pd.DataFrame]) -> list[Row]:
    """Every claim in the article's order, with each of its measurements in these studies."""
    made: list[Row] = []
    for number, claim in enumerate(CLAIMS, start=1):
        found: dict[tuple[Found, str], list[str]] = {}
        for table in tables:
            for one in claim.measure(table):
                found.setdefault((one, _budget(table)), []).append(str(table["study"].iloc[0]))
        # Studies that share their baseline measured some things alike, cell by cell: that is one row.
        made += [
            Row(number, claim, one.text, one.verdict, ", ".join(studies), cost)
            for (one, cost), studies in found.items()
        ] or [Row(number, claim)]
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
        "comparison alone; every other setting is at the study's baseline. A verdict is on the claim at the row's",
        f"fidelity: p < {ERROR} for a difference, adjusted for the best of several, whose mean is too good; the whole",
        f"interval above or below {article.DEPTHS[7]} for a value. What is to take another's place is confirmed",
        f"where a loss beyond the study's margin is excluded (one-sided, {ERROR}), contradicted where one is shown.",
        "",
        *(f"- {_about(table)}" for table in tables),
        "",
    ]
    return "\n".join(lines), str(tables[0]["study"].iloc[0])


SMALLER = ("max_2x2", "average_2x2", "stride")
"""How maps are made smaller between convolutions, where they are."""
CLAIMS = (
    Claim(
        "seven convolutions with global max pooling reach val_acc 0.92",
        "0.923",
        value(reaches=article.DEPTHS[7], conv_depth="7", pooling="global_max", trunk="conv"),
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
        both(
            across("conv_depth", "coordinates", "true", "false"),
            replacement({"conv_depth": "2", "coordinates": "true"}, of={"conv_depth": "7", "coordinates": "false"}),
        ),
    ),
    Claim(
        "no pooling between convolutions is needed",
        "assumed",
        both(*(replacement({"downsampling": "none"}, of={"downsampling": made}) for made in SMALLER)),
    ),
    Claim(
        "a flatten layer instead of the global pooling may learn faster or better",
        "conjecture",
        contrast("pooling", "global_max", to=["flatten"]),
    ),
    Claim(
        "a network without convolution is enough",
        "conjecture",
        both(
            value(reaches=article.DEPTHS[7], trunk="dense"),
            best(reaches=article.DEPTHS[7], trunk="dense"),
            contrast("trunk", "conv"),
        ),
    ),
    Claim("a rule-based reader is enough, so the ceiling is 1.0", "stated", reader),
    Claim("adjusting epochs and model improves the accuracy a little more", "conjecture", best()),
)


def _checked(source: Source) -> pd.DataFrame:
    table = source.table
    if article.about(table):
        return table
    way = "an older export lacks the columns `task` and `baseline`: `study export` writes them"
    raise FigureError(f"{source.name}: no study of the article's task; {way}")


def _budget(table: pd.DataFrame) -> str:
    cells = tidy.complete(table)
    ranges = ([int(ends) for ends in (cells[name].min(), cells[name].max())] for name in ("epochs", "train_examples"))
    return " × ".join(f"{low:,}" if low == high else f"{low:,} to {high:,}" for low, high in ranges)


def _about(table: pd.DataFrame) -> str:
    """What a study's numbers stand for: its budget, and how its baseline differs from the article's."""
    changes = str(table["baseline"].iloc[0])
    said = "the article's own settings" if changes == BASELINE else f"the article's settings but for {changes}"
    left = tidy.left_out(table)
    missed = f"; left out: {tidy.counted(left)}" if left else ""
    about = f"{table['study'].iloc[0]}: {budget(tidy.complete(table))}; its baseline is {said}{missed}"
    aside = filter(None, (mixture.sentence(table), tidy.revised(table), tidy.opened(table)))
    return f"{about}. {' '.join(aside)}".rstrip(". ")


def _cells(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """The rows as texts; of a claim measured several times only the first repeats what the article says."""
    last = 0
    for row in rows:
        said = (str(row.number), row.claim.says, row.claim.measured) if row.number != last else ("", "", "")
        last = row.number
        yield (*said, row.here, row.verdict, row.study, row.budget)


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
