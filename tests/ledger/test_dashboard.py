"""optuna-dashboard shows the metrics' names and the study's question; what a user writes there stays."""

import warnings
from pathlib import Path

import optuna
import pytest

from study.ledger.dashboard import note
from study.ledger.ledger import Ledger
from study.ledger.optuna_journal import load
from study.ledger.store import JOURNAL, study_folder
from study.space.design import Confirm, Design
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from tests.toy_task import DEPTH
from tests.trial_functions import space

BOTH = (Objective("val_acc", "maximize"), Objective("parameters", "minimize"))


def begun(store: Path, asked: SearchSpace) -> optuna.Study:
    with Ledger.own(store, asked):
        pass
    study = load(study_folder(store, "played"))
    assert study is not None
    return study


def written(study: optuna.Study) -> tuple[int, str]:
    """The version and the text of the note, as optuna-dashboard reads them."""
    attributes = study._storage.get_study_system_attrs(study._study_id)
    parts = sorted((name, part) for name, part in attributes.items() if name.startswith("dashboard:note_str:"))
    return attributes["dashboard:note_ver"], "".join(part for _, part in parts)


@pytest.mark.parametrize("objectives", [BOTH[:1], BOTH])
def test_a_new_study_names_its_metrics_and_asks_its_question(tmp_path: Path, objectives: tuple[Objective, ...]) -> None:
    how = Design("sweep", trials=4, confirm=Confirm(top=1, seeds=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = begun(tmp_path, space(description="How deep?", objectives=objectives, design=how, seeds=(0,)))
    assert study.metric_names == [objective.metric for objective in objectives]
    version, text = written(study)
    assert (version, text.partition("\n")[0]) == (1, "How deep?")
    assert "`study effects played`" in text
    assert "Delete nothing here" in text


def test_a_second_launch_writes_nothing(tmp_path: Path) -> None:
    begun(tmp_path, space())
    before = (study_folder(tmp_path, "played") / JOURNAL).read_bytes()
    begun(tmp_path, space())
    assert (study_folder(tmp_path, "played") / JOURNAL).read_bytes() == before


def test_the_note_follows_the_question_also_to_a_shorter_one(tmp_path: Path) -> None:
    asked = space(description="long " * 1000)
    assert written(begun(tmp_path, asked)) == (1, note(asked))
    short = space(description="How deep?")
    assert written(begun(tmp_path, short)) == (2, note(short))


def test_a_note_of_the_user_s_stays(tmp_path: Path) -> None:
    study = begun(tmp_path, space(description="How deep?"))
    study._storage.set_study_system_attr(study._study_id, "dashboard:note_str:0", "mine")
    assert written(begun(tmp_path, space(DEPTH, description="How deep is it?")))[1] == "mine"
