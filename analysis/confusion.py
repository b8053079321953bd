"""Which digit does the best model take for which? Fresh codes, a panel for each position of the number."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.panels import keep_outer_labels, make_panels
from analysis.drawing.source import FigureError, Source
from study.ledger.ledger import Ledger
from study.space.printable import printable
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


def answer(positions: Mapping[int, Counter[tuple[str, str]]]) -> str:
    """Returns in a sentence which digit is taken for which most often, over all positions."""
    total = sum(positions.values(), Counter[tuple[str, str]]())
    wrong = Counter({pair: count for pair, count in total.items() if pair[0] != pair[1]})
    if not wrong:
        return f"None of {total.total():,} digits was misread."
    (true, read), count = min(wrong.items(), key=lambda item: (-item[1], item[0]))
    of_true = sum(number for pair, number in total.items() if pair[0] == true)
    share = f"{count:,} of {of_true:,} times"
    misread = f"{wrong.total() / total.total():.2%}".replace("%", " %")
    return printable(f"Most often {true} is taken for {read}, {share}; {misread} of all digits are misread.")


def compose(source: Source) -> Composed:
    """Returns the figure. The study must be complete and its task must offer fresh examples."""
    study = str(source.table["study"].iloc[0])
    ledger, best = _best_model(source)
    answers = verify.fresh_answers(ledger, best, count=COUNT, seed=SEED, say=print)
    positions = verify.confusion(answers)
    figure, axes = make_panels(len(positions), height=3, sharey=False)
    for ax, (position, pairs) in zip(axes, positions.items(), strict=True):
        draw(pairs, position=position, ax=ax)
    keep_outer_labels(axes)
    _add_colour_bar(axes)
    whole = sum(not answer.wrong for answer in answers)
    about = f"{study}: {best.name}, on {COUNT:,} fresh examples that no split holds; {whole:,} of them read whole."
    caption = f"{about} A row holds all codes of a true digit; an empty field has none."
    words = {"title": "Which digit is taken for which?", "answer": answer(positions), "caption": caption}
    return Composed(made=figure, study=study, **words)


def _add_colour_bar(axes: list[Axes]) -> None:
    bar = axes[0].figure.colorbar(axes[0].collections[0], ax=axes, shrink=0.5, aspect=30, pad=0.02)
    bar.set_label("share of the true digit's row")
    bar.outline.set_visible(False)


def _best_model(source: Source) -> tuple[Ledger, Winner]:
    ledger = source.ledger
    if missing := choice.unfinished(ledger):
        study = ledger.space.name
        raise FigureError(f"{study}: {missing} cells are missing, so there is no best model yet; `study run` runs them")
    return ledger, choice.choose(ledger)


SCRIPT = FigureScript("confusion", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
