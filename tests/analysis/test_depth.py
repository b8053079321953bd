"""The depth's figure: the data fill their axis, the article stands apart, and costs stand below."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from analysis import article, depth
from analysis.drawing.source import Source
from study.task import Settings
from study.tasks.qr_digits import codes
from tests.analysis.synthetic_tables import axes, bars, csv, sweep, table
from tests.conftest import ROOT

READER = "a rule-based reader: 1.000"


def ceiling(settings: Settings, count: int) -> tuple[float, float]:
    assert settings["damage"] != 0, "clean codes need no measurement"
    share = 1 - float(settings["damage"])
    return share, share**6


def panels(cells: pd.DataFrame, folder: Path) -> list[Axes]:
    return depth.compose(Source(str(csv(cells, folder / "t.csv")), folder)).figure.axes


def shipped(name: str) -> Source:
    return Source(str(ROOT / f"analysis/results/{name}.csv"), ROOT)


def test_the_articles_values_are_the_articles_and_the_reader_reads_all(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = depth.references(table())
    assert (first.depths, first.values) == ([2, 7], [0.5, 0.92])
    assert article.FIDELITY in first.label
    assert (second.label, second.values) == (READER, [1.0])
    monkeypatch.setattr(codes, "ceiling", ceiling, raising=False)
    *_, damaged = depth.references(table().assign(baseline="conv_depth=4 damage=0.1"))
    assert (damaged.label, damaged.values) == ("a rule-based reader: 0.900", [0.9])


def test_of_another_task_or_objective_only_the_cells_are_drawn() -> None:
    assert depth.references(table().assign(task="handwritten")) == []
    assert depth.references(table().assign(objective="val_loss")) == []


def test_the_data_fill_their_axis_and_the_article_stands_above_a_break(tmp_path: Path) -> None:
    main, far, costs = panels(table(), tmp_path)
    low, high = main.get_ylim()
    ends = [end for _, low_end, _, high_end in bars(main) for end in (low_end, high_end)]
    assert max(ends) - min(ends) > 0.8 * (high - low)
    assert high < 0.5
    assert far.get_ylim()[0] < 0.5 < 1 < far.get_ylim()[1]
    assert far.get_position().y0 > main.get_position().y1 > main.get_position().y0 > costs.get_position().y1
    assert [text.get_text() for text in far.texts] == [f"the article: {article.FIDELITY}", READER]


def test_where_the_article_is_near_there_is_one_axis(tmp_path: Path) -> None:
    cells = table()
    cells["metric.val_acc"] = np.where(cells["level.conv_depth"] == 2, 0.5, 0.95) + cells["metric.val_acc"] / 100
    main, _ = panels(cells, tmp_path)
    legend = main.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [f"the article: {article.FIDELITY}", READER]


def test_parameters_stand_below_or_flops_if_parameters_do_not_differ(tmp_path: Path) -> None:
    found = depth.costs(table())
    assert found is not None
    assert (found[0], found[1].to_dict()) == ("parameters", {2: 2000, 4: 4000, 7: 7000})
    *_, costs = panels(table(), tmp_path)
    assert [text.get_text() for text in costs.texts] == ["2 k", "4 k", "7 k"]
    same = depth.costs(table().assign(parameters=5))
    assert same is not None
    assert same[0] == "flops"
    assert depth.costs(table().assign(parameters=5, flops=np.nan)) is None


def test_the_field_stands_above_and_ends_at_the_whole_code(tmp_path: Path) -> None:
    main, far, _ = panels(table(), tmp_path)
    (above,) = far.child_axes
    assert list(above.get_xticks()) == [5, 9, 15, 21]
    assert main.get_xlim()[1] > 10


@pytest.mark.parametrize("setting", ["trunk=dense", "downsampling=stride", "kernel_size=1"])
def test_where_each_convolution_does_not_widen_the_field_alike_there_is_none(setting: str, tmp_path: Path) -> None:
    drawn = panels(table().assign(baseline=f"conv_depth=4 {setting}"), tmp_path)
    assert not any(ax.child_axes for ax in drawn)


def test_dense_layers_are_not_called_convolutions() -> None:
    dense = table().assign(baseline="trunk=dense conv_depth=4")
    assert (depth.layers(table()), depth.layers(dense)) == ("convolutions", "dense layers")
    assert [reference.label for reference in depth.references(dense)] == [READER]
    both = table().assign(**{"level.trunk": ["conv", "dense"] * 9})
    assert depth.layers(both) == "convolutions or dense layers"
    # Its search drew convolutions, too, but none of those cells is complete.
    made = depth.compose(shipped("qr_best_small"))
    assert made.title == "How does validation accuracy depend on the number of dense layers?"
    words = [made.title, made.answer, made.caption, *(text.get_text() for ax in made.figure.axes for text in ax.texts)]
    labels = [label for ax in made.figure.axes for label in (ax.get_xlabel(), ax.get_ylabel())]
    assert not any("convolution" in text for text in [*words, *labels])


def test_the_answer_is_the_best_depth_with_its_interval() -> None:
    assert depth.compose(shipped("qr_depth")).answer == (
        "conv_depth=6 has the highest mean val_acc of 9 points, 0.378 (95 % interval 0.349 to 0.406, 5 seeds; "
        "baseline 0.368); where more stops paying is undecided, from conv_depth=4 to 9."
    )


def test_a_search_compares_nothing_and_has_no_costs() -> None:
    cells = sweep().rename(columns={"level.width": "level.conv_depth"})
    cells["changes"] = cells["changes"].str.replace("width", "conv_depth")
    assert depth.costs(cells) is None
    assert bars(depth.draw(cells, ax=axes())) == []
