"""The looks of a table of cells, and the effects of a study with looks."""

import math

import numpy as np
import pandas as pd
import pytest

from study.cli.tables import effects_table
from study.errors import InferenceError
from study.inference.answer import answer
from study.inference.cell_table import declared
from study.inference.effect_notes import table_notes
from study.inference.effects import compute_effects
from study.inference.look_table import table_looks
from study.inference.t_tests import compare
from study.inference.verdict import verdict_text, verdict_words
from tests.analysis.synthetic_tables import table

LOOKS = "5 8 12 20"


def looking(seeds: int = 20, *, apart: float = 0.02, margin: float | None = 0.05) -> pd.DataFrame:
    """The synthetic study with looks, on this many seeds of each point."""
    cells = table(seeds=seeds)
    if apart != 0.02:
        turn = cells["point"].map({point: turn for turn, point in enumerate(cells["point"].unique())})
        cells["metric.val_acc"] += (apart - 0.02) * turn
    return cells.assign(looks=LOOKS, margin=margin)


def test_a_table_without_looks_has_none() -> None:
    assert table_looks(table()) is None
    assert {effect.look for effect in compute_effects(table(seeds=5))} == {""}


@pytest.mark.parametrize("text", ["5 eight", "-5 8", "5.0"])
def test_looks_that_are_no_numbers_are_refused(text: str) -> None:
    with pytest.raises(InferenceError, match="column looks must be numbers of seeds"):
        declared(table().assign(looks=text))


def test_verdicts_are_given_at_looks() -> None:
    effects = {effect.point: effect for effect in compute_effects(looking())}
    assert [effect.verdict for effect in effects.values()].count("helps") >= 3
    assert verdict_text(effects["pooling=flatten"]) == "helps (look 1 of 4)"
    assert verdict_words(effects["pooling=flatten"]) == "helps"
    for effect in effects.values():
        assert (effect.adjusted < 0.05) == (effect.verdict in ("helps", "hurts"))


def test_before_its_first_look_a_study_has_no_verdict() -> None:
    effects = compute_effects(looking(4))
    assert {verdict_text(effect) for effect in effects} == {"undecided (before the first look)"}
    assert all(math.isnan(effect.adjusted) for effect in effects)
    assert "undecided: " in answer(looking(4))


def test_cells_that_wait_are_waited_for() -> None:
    cells = looking(12, apart=0.0, margin=None)
    cells.loc[(cells["point"] == "width=8") & (cells["seed"] == 3), "state"] = "running"
    found = table_looks(cells)
    assert found is not None
    assert found.course.done == 0
    assert found.lines[-1].startswith("look 1 of 4, at 5 seeds, is not complete: conv_depth=2, ")


def test_intervals_allow_for_the_looks() -> None:
    cells = looking(apart=0.004)
    found = table_looks(cells)
    assert found is not None
    share = found.share
    values = np.stack([group["metric.val_acc"].to_numpy() for _, group in cells.groupby("point", sort=False)])
    plain = compare(values, method="welch")
    low, high = plain.interval(0.05 * share)
    for effect, own_low, own_high in zip(compute_effects(cells), low, high, strict=True):
        assert (effect.low, effect.high) == pytest.approx((own_low, own_high))
        assert effect.joint_low < effect.low < effect.high < effect.joint_high


def test_a_variant_that_always_diverges_is_given_up() -> None:
    cells = looking(20)
    cells.loc[cells["point"] == "width=8", "state"] = "diverged"
    found = table_looks(cells)
    assert found is not None
    assert found.texts["width=8"] == "given up at look 1 of 4"


def test_the_table_and_its_notes_tell_the_looks() -> None:
    cells = looking()
    effects = compute_effects(cells)
    shown = effects_table(effects, "val_acc", (0.3, 20), {effect.point: "" for effect in effects})
    assert any("look 1 of 4" in str(cell) for row in shown.rows for cell in row)
    notes = "\n".join(table_notes(effects, declared(cells)))
    assert "looks at 5, 8, 12 and 20 seeds, the baseline at 12, 20, 20 and 20: verdicts are given at looks" in notes
    assert "(n seeds)" not in notes


def test_an_exported_table_gives_the_same(tmp_path: object) -> None:
    cells = looking()
    text = cells.assign(looks=cells["looks"].astype(str))
    assert [e.verdict for e in compute_effects(text)] == [e.verdict for e in compute_effects(cells)]
