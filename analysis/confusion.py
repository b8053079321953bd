"""Which digit does the best model take for which? Fresh codes, a panel for each position of the number."""

from collections import Counter

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.panels import keep_outer_labels, make_panels
from analysis.drawing.source import FigureError, Source
from study.ledger.ledger import Ledger
from study.winner import choice, verify
from study.winner.choice import Winner

COUNT = 2_000
"""Fresh examples: about two hundred of each digit at each position."""
SEED = 0
LOOK = {"vmin": 0, "vmax": 1, "cmap": "rocket_r", "cbar": False, "square": True, "linewidths": 0.5}


def draw(pairs: Counter[tuple[str, str]], *, position: int, ax: Axes) -> Axes:
    """Draws a row for each true digit: the share that was read as each digit. A field without any stays empty."""
    names = sorted({name for pair in pairs for name in pair})
    counts = np.array([[pairs[true, read] for read in names] for true in names], float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    sns.heatmap(shares, mask=counts == 0, xticklabels=names, yticklabels=names, ax=ax, **LOOK)
    ax.grid(visible=False)
    ax.tick_params(length=0, labelrotation=0)
    ax.set_title(f"digit {position}: {counts.trace() / counts.sum():.3f} read right", loc="left")
    ax.set_xlabel("read")
    ax.set_ylabel("true")
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure. The study must be complete and its task must offer fresh examples."""
    study = str(source.table["study"].iloc[0])
    ledger, best = _best_model(source, study)
    answers = verify.fresh_answers(ledger, best, count=COUNT, seed=SEED, say=print)
    positions = verify.confusion(answers)
    figure, axes = make_panels(len(positions), height=3, sharey=False)
    for ax, (position, pairs) in zip(axes, positions.items(), strict=True):
        draw(pairs, position=position, ax=ax)
    keep_outer_labels(axes)
    whole = sum(not answer.wrong for answer in answers)
    about = f"{study}: {best.name}, on {COUNT:,} fresh examples that no split holds; {whole:,} of them read whole."
    caption = f"{about} The darker a field, the larger its share of the row."
    return Composed(made=figure, study=study, title="Which digit is taken for which?", caption=caption)


def _best_model(source: Source, study: str) -> tuple[Ledger, Winner]:
    if source.exported:
        raise FigureError(f"{source.name}: a table holds no model; give the name of a study")
    ledger = Ledger.read(source.store, study)
    if missing := choice.unfinished(ledger):
        raise FigureError(f"{study}: {missing} cells are missing, so there is no best model yet; `study run` runs them")
    return ledger, choice.choose(ledger)


SCRIPT = FigureScript("confusion", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
