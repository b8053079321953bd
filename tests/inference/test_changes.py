"""What a point changes: from the column of a new table, from the levels or the label of an older one."""

import itertools
import random
import string
from pathlib import Path

import pandas as pd
import pytest

from study import cli
from study.errors import InferenceError
from study.inference.cell_table import around_baseline
from study.inference.changes import changes, from_label, with_changes
from study.inference.dose import dose, doses
from study.inference.effects import compute_effects
from study.inference.factorial import terms
from study.ledger.ledger import Ledger
from study.results import read_table
from study.running.loop import run
from study.space.design import Kind
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.space.trial import label
from study.task import describe
from tests.analysis.synthetic_tables import grid, sweep, table
from tests.running.test_loop import Notes
from tests.toy_task import DEPTH
from tests.trial_functions import Inline, space, succeed

LETTERS = string.ascii_letters + string.digits + string.punctuation + "  ==\t\n\räß€→😀"
SUFFIXES = (".csv", ".parquet")


def texts(seed: int, *, names: tuple[str, ...], count: int = 2) -> tuple[str, ...]:
    """Returns different random texts of which some read like further changes to these settings."""
    draw = random.Random(seed)
    made = {"word", "", f"x {names[0]}=y", f'"quoted" {names[1]}='}
    while len(made) < 4 + count:
        parts = draw.choices([*LETTERS, *(f" {name}=" for name in names)], k=draw.randint(1, 9))
        made.add("".join(parts))
    return tuple(draw.sample(sorted(made), k=4 + count))


def strange_space(seed: int, *, kind: Kind) -> SearchSpace:
    """A study of two factors with such levels, one with numbers; two have names that are no Python names."""
    names = ("act-fn", "opt.kind")
    first, second = (texts(2 * seed + turn, names=names) for turn in range(2))
    factors = [Factor("act-fn", first, first), Factor("opt.kind", second[:4], second[:4]), DEPTH]
    baseline = {**space().baseline, "act-fn": first[0], "opt.kind": second[0]}
    chosen = factors[:2] if kind == "grid" else factors
    return space(*chosen, kind=kind, defaults=baseline, baseline=baseline)


def stored(folder: Path, space: SearchSpace) -> Ledger:
    with Ledger.own(folder, space) as ledger:
        run(ledger, Inline(succeed), Notes(), Notes())
    return Ledger.read(folder, space.name)


def every_way(ledger: Ledger, folder: Path) -> list[pd.DataFrame]:
    """Returns the study's table from its store, from both kinds of export, and from records in another store."""
    name, store = ledger.space.name, folder / "store"
    sources = [str(folder / f"table{suffix}") for suffix in SUFFIXES]
    for path in [*sources, str(folder / "records.jsonl")]:
        assert cli.main(["export", name, "--store", str(store), "--out", path]) == 0
    assert cli.main(["import", str(folder / "records.jsonl"), "--store", str(folder / "other")]) == 0
    tables = [read_table(source, store=store) for source in [name, *sources]]
    return [*tables, read_table(name, store=folder / "other")]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_levels_of_any_characters_reach_every_statistic_of_a_grid(seed: int, tmp_path: Path) -> None:
    ledger = stored(tmp_path / "store", strange_space(seed, kind="grid"))
    baseline = ledger.space.config({}, seed=0)
    asked = {cell.config.key: cell.config.changes(baseline) for cell in ledger.cells()}
    levels = {factor.name: factor.levels for factor in ledger.space.factors}
    for cells in every_way(ledger, tmp_path):
        made = changes(cells)
        assert [made[point] for point in cells["point"]] == [asked[key] for key in cells["key"]]
        values = cells.set_index("key")["metric.val_acc"]
        found = compute_effects(cells)
        assert len(found) == len(asked) / 2 - 1
        for effect in found:
            own = [key for key, change in asked.items() if change == made[effect.point]]
            assert effect.mean == pytest.approx(values[own].mean())
        effects_of_grid = terms(cells)
        main = [term.changes for term in effects_of_grid if len(term.changes) == 1]
        assert main == [{name: level} for name, texts in levels.items() for level in texts[1:]]  # type: ignore[index]
        assert len(effects_of_grid) == len(found)
        assert {term.problem for term in effects_of_grid} == {""}
        # What a heatmap draws.
        drawn = around_baseline(cells, list(levels)).groupby([f"level.{name}" for name in levels])
        assert drawn.ngroups == len(asked) / 2


@pytest.mark.parametrize("seed", range(3))
def test_a_curve_over_numbers_leaves_strange_levels_out(seed: int, tmp_path: Path) -> None:
    ledger = stored(tmp_path / "store", strange_space(seed, kind="ablation"))
    for cells in every_way(ledger, tmp_path):
        assert doses(cells) == ["depth"]
        assert dose(cells, "depth").levels == (1.0, 3.0, 5.0)
        assert set(around_baseline(cells, ["depth"])["point"]) == {"depth=1", "baseline", "depth=5"}
        assert len(compute_effects(cells)) == cells["point"].nunique() - 1


@pytest.mark.parametrize("seed", range(20))
def test_different_points_have_different_labels_that_say_what_they_change(seed: int) -> None:
    names = ("a", "b-c", "d.e")
    levels = [texts(3 * seed + turn, names=names) for turn in range(3)]
    points = [dict(zip(names, choice, strict=True)) for choice in itertools.product(*levels)]
    points += [{"a": level} for level in levels[0]] + [{}]
    labels = [label(point) for point in points]
    assert len(set(labels)) == len(points)
    assert [from_label(text) for text in labels] == points


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("baseline", {}),
        ("conv_depth=2", {"conv_depth": "2"}),
        ("conv_depth=2 pooling=flatten", {"conv_depth": "2", "pooling": "flatten"}),
        ("activation=leaky relu lr=0.001", {"activation": "leaky relu", "lr": "0.001"}),
        ("tag=a=b", {"tag": "a=b"}),
        ("kernel-size=3 opt.lr=0.1", {"kernel-size": "3", "opt.lr": "0.1"}),
        ('tag="a b=c" lr=1', {"tag": "a b=c", "lr": "1"}),
        ('tag="a b=c', {"tag": '"a', "b": "c"}),
        ('tag="a"b lr=1', {"tag": '"a"b', "lr": "1"}),
    ],
)
def test_a_label_says_what_its_point_changes(text: str, change: dict[str, str]) -> None:
    assert from_label(text) == change


def test_factors_that_are_known_part_a_label_of_before_levels_were_quoted() -> None:
    assert from_label("tag=a b=c lr=1", factors=["tag", "lr"]) == {"tag": "a b=c", "lr": "1"}


@pytest.mark.parametrize("cells", [table(), grid(), sweep()], ids=["ablation", "grid", "sweep"])
def test_a_table_without_the_column_says_the_same(cells: pd.DataFrame) -> None:
    older = cells.drop(columns="changes")
    assert changes(older) == changes(cells)
    assert list(changes(older)) == list(changes(cells))
    levels = [column for column in older if str(column).startswith("level.")]
    assert changes(older.drop(columns=levels)) == changes(cells)
    assert changes(older[older["point"] != "baseline"]) == {k: v for k, v in changes(cells).items() if k != "baseline"}


def test_an_older_table_is_read_by_its_levels_where_they_make_its_labels() -> None:
    levels = pd.DataFrame({"level.a": ["x", "x c=1 b=2", "x"], "level.b": [1, 1, 2]})
    older = levels.assign(point=["baseline", "a=x c=1 b=2", "b=2"])
    assert changes(older) == {"baseline": {}, "a=x c=1 b=2": {"a": "x c=1 b=2"}, "b=2": {"b": "2"}}


def test_levels_that_do_not_make_the_label_are_not_believed() -> None:
    older = pd.DataFrame({"point": ["baseline", "a=1234567 b=x"], "level.a": [1.0, 1234567.0], "level.b": ["y", "z"]})
    assert changes(older)["a=1234567 b=x"] == {"a": "1234567", "b": "x"}


def test_rows_of_an_older_export_among_newer_ones_are_read_by_their_label() -> None:
    cells = table()
    cells.loc[cells["point"] == "width=8", "changes"] = ""
    assert changes(cells) == changes(table())


def test_a_column_that_holds_something_else_is_said_so() -> None:
    for text in ("conv_depth=2", "[1]"):
        with pytest.raises(InferenceError, match="column changes must hold JSON"):
            changes(table().assign(changes=text))


def test_points_are_renamed_by_what_they_are_to_change() -> None:
    cells = table()
    less = {
        point: {f: level for f, level in change.items() if f != "width"} for point, change in changes(cells).items()
    }
    renamed = with_changes(cells, less)
    assert changes(renamed) == {label(change): change for change in less.values()}
    assert list(renamed.loc[cells["point"] == "width=8", "point"]) == ["baseline"] * 3


def test_levels_are_written_as_in_labels() -> None:
    cells = pd.DataFrame({"point": ["p"], "changes": ['{"on": true, "rate": 0.00012345678, "depth": 4}']})
    assert changes(cells) == {"p": {"on": "true", "rate": describe(0.00012345678), "depth": "4"}}
