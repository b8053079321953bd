"""Which digit does the best model take for which? Fresh codes, a panel for each position of the number."""

from collections import Counter

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figure import FigureError, entitle, keep_outer_labels, panels
from analysis.script import Script, Source
from study.ledger.ledger import Ledger
from study.winner import choice as winner
from study.winner import verify as verification

COUNT = 2_000
"""Fresh examples: two hundred of each digit at each position."""
SEED = 0


def draw(pairs: Counter[tuple[str, str]], *, place: int, ax: Axes) -> Axes:
    """Of each true digit, a row, the share that was read as each; an empty cell is none."""
    names = sorted({name for pair in pairs for name in pair})
    counts = np.array([[pairs[true, read] for read in names] for true in names], float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    look = {"vmin": 0, "vmax": 1, "cmap": "rocket_r", "cbar": False, "square": True, "linewidths": 0.5}
    sns.heatmap(shares, mask=counts == 0, xticklabels=names, yticklabels=names, ax=ax, **look)
    ax.grid(visible=False)
    ax.tick_params(length=0, labelrotation=0)
    right = counts.trace() / counts.sum()
    ax.set_title(f"digit {place}: {right:.3f} read right", loc="left")
    ax.set_xlabel("read")
    ax.set_ylabel("true")
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """The panels, of a complete study whose task offers fresh examples."""
    study = str(source.table["study"].iloc[0])
    if source.exported:
        raise FigureError(f"{source.name}: a table holds no model; give the name of a study")
    ledger = Ledger.read(source.store, study)
    if missing := winner.unfinished(ledger):
        raise FigureError(f"{study}: {missing} cells are missing, so there is no best model yet")
    best = winner.choose(ledger)
    readings = verification.readings(ledger, best, count=COUNT, seed=SEED, say=print)
    places = verification.confusion(readings)
    figure, axes = panels(len(places), height=3.4, sharey=False)
    for ax, (place, pairs) in zip(axes, places.items(), strict=True):
        draw(pairs, place=place, ax=ax)
    keep_outer_labels(axes)
    whole = sum(not reading.wrong for reading in readings)
    about = f"{study}: {best.name}, on {COUNT:,} fresh examples that no split holds; {whole:,} of them read whole."
    entitle(figure, title="Which digit is taken for which?", caption=f"{about} Dark: the larger share of a row.")
    return figure, study


SCRIPT = Script("confusion", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
