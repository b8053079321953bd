"""The description of a parent run: first the answer, then the effects, then how to go on, then what was asked."""

import json
from pathlib import Path

import pandas as pd
import pytest

from study.inference.answer import answer
from study.inference.effects import compute_effects
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.space.factor import Factor
from study.tracking.parent_note import MOST, parent_note
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import space

ASKED = space(DEPTH, POOLING, description="How deep?", seeds=(0, 1, 2))


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    store = tmp_path_factory.mktemp("cells")
    run(store, ASKED)
    return table(Ledger.read(store, "played"))


def test_it_begins_with_the_answer_and_ends_with_the_factors(cells: pd.DataFrame, tmp_path: Path) -> None:
    note = parent_note(ASKED, cells, store=tmp_path, file="/files/my study.toml")
    first, *lines = note.split("\n")
    assert first == answer(cells)
    rows = [line for line in lines if line.startswith("| ")]
    assert rows[0] == "| variant | val_acc | difference | 95 % interval | adjusted p | verdict | seeds |"
    assert rows[1].startswith("| baseline | 0.")
    shown = [(row.split(" | ")[0].removeprefix("| "), row.split(" | ")[5].split(" (")[0]) for row in rows[2:6]]
    assert shown == [(effect.point, effect.verdict) for effect in compute_effects(cells)]
    places = [note.index(part) for part in ("| baseline |", "study run", "study replay", "How deep?", "| factor |")]
    assert places == sorted(places)
    assert f"`study run '/files/my study.toml' --store {tmp_path}`" in note
    assert note.endswith("| depth | 3 | 1, 3, 5 |\n| pooling | max | max, mean, flat |")


def test_a_study_without_results_or_without_a_baseline_has_no_table(cells: pd.DataFrame, tmp_path: Path) -> None:
    note = parent_note(ASKED, cells.assign(state="missing"), store=tmp_path, file="")
    assert note.startswith(answer(cells.assign(state="missing")))
    assert "| variant |" not in note
    assert "`run()` of the study in Python" in note
    assert "| variant |" not in parent_note(ASKED, cells[cells["point"] != "baseline"], store=tmp_path, file="")


def test_a_long_table_is_cut_between_rows_and_says_so(cells: pd.DataFrame, tmp_path: Path) -> None:
    parts = [cells]
    for place in range(300):
        level = f"{place:03d}-" + "x" * 60
        changes = json.dumps({"pooling": level})
        parts.append(cells[cells["point"] == "pooling=mean"].assign(point=f"pooling={level}", changes=changes))
    note = parent_note(ASKED, pd.concat(parts), store=tmp_path, file="")
    assert len(note) <= MOST
    assert "more: `study effects played` shows them" in note
    assert note.endswith("| pooling | max | max, mean, flat |")


def test_many_levels_never_exceed_what_mlflow_takes(cells: pd.DataFrame, tmp_path: Path) -> None:
    many = Factor("depth", tuple(range(1, 10)), tuple(range(1, 10)))
    asked = space(many, description="x" * 9000)
    assert len(parent_note(asked, cells, store=tmp_path, file="")) <= MOST


def test_no_text_of_a_user_makes_another_column(cells: pd.DataFrame, tmp_path: Path) -> None:
    odd = cells.assign(point=cells["point"].replace("pooling=mean", "pooling=a|b"), changes="")
    row = next(line for line in parent_note(ASKED, odd, store=tmp_path, file="").split("\n") if "a\\|b" in line)
    assert row.replace("\\|", "").count("|") == 8
