"""The best point, the seed that stands for it, whose weights stay, and what is done with its model."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import confusion
from analysis.drawing.caption import caption
from analysis.drawing.source import Source
from study import cli
from study.engines.cell_folder import WEIGHTS
from study.errors import StudyError
from study.ledger import holdout
from study.ledger.ledger import Ledger
from study.results import load_study, read_table
from study.space.design import Confirm, Design
from study.space.objective import Objective
from study.space.trial import TrialConfig, TrialResult
from study.tracking import model_registry as registry
from study.winner import choice as winner
from tests.conftest import ROOT, study
from tests.ledger.test_ledger import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import curve, fail, space, succeed


def reaching(values: dict[tuple[object, int], float]) -> Callable[[TrialConfig], TrialResult]:
    """Trials whose objective is given by depth and seed; others fail."""

    def outcome(config: TrialConfig) -> TrialResult:
        value = values.get((config.settings["depth"], config.seed))
        return fail(config) if value is None else replace(succeed(config), curve=({"loss": 1.0, "val_acc": value},))

    return outcome


TABLE: dict[tuple[object, int], float] = {
    (1, 0): 0.5, (1, 1): 0.7, (1, 2): 0.9, (1, 3): 0.6,
    (3, 0): 0.6, (3, 1): 0.6, (3, 2): 0.6, (3, 3): 0.6,
    (5, 0): 0.95,
}  # fmt: skip


def finished(store: Path, **changes: object) -> Ledger:
    wide = space(DEPTH, **{"seeds": (0, 1, 2, 3), "max_retries": 0, **changes})
    run(store, wide, reaching(TABLE))
    return Ledger.read(store, wide.name)


def keep(ledger: Ledger) -> list[Path]:
    """Give every complete cell weights of its own."""
    paths = [ledger.cell_folder(cell.config) / WEIGHTS for cell in ledger.cells() if cell.state == "complete"]
    for path in paths:
        path.write_bytes(hashlib.sha256(str(path).encode()).digest() + str(path).encode())
    return paths


def kept(ledger: Ledger) -> list[Path]:
    return sorted((ledger.folder / "cells").glob(f"*/{WEIGHTS}"))


def test_the_highest_mean_over_complete_seeds_wins_and_its_median_stands_for_it(tmp_path: Path) -> None:
    found = winner.choose(finished(tmp_path))
    assert (found.cell.point, found.values, found.points) == ("depth=5", {0: 0.95}, 3)
    few = {key: value for key, value in TABLE.items() if key[0] != 5}
    run(tmp_path / "few", space(DEPTH, seeds=(0, 1, 2, 3), max_retries=0), reaching(few))
    found = winner.choose(Ledger.read(tmp_path / "few", "played"))
    assert found.mean == pytest.approx(0.675)
    assert found.name == "depth=1, seed 3"


def test_the_lowest_mean_wins_where_it_is_minimized(tmp_path: Path) -> None:
    found = winner.choose(finished(tmp_path, objectives=(Objective("val_acc", "minimize"),)))
    assert found.name == "baseline, seed 1"


def test_no_complete_cell_is_no_winner(tmp_path: Path) -> None:
    run(tmp_path, space(max_retries=0), fail)
    with pytest.raises(StudyError, match="no best point yet: none of its cells is complete"):
        winner.choose(Ledger.read(tmp_path, "played"))


def test_in_a_sweep_only_confirmed_points_are_compared(tmp_path: Path) -> None:
    how = Design("sweep", trials=8, confirm=Confirm(top=2, seeds=3))
    run(tmp_path, wide := space(DEPTH, POOLING, design=how, seeds=(0,)))
    found = winner.choose(Ledger.read(tmp_path, "played"))
    assert (found.points, len(found.values), found.cell.phase) == (3, 3, "confirm")
    confirmed = [cell for cell in Ledger.read(tmp_path, wide.name).cells() if cell.phase == "confirm"]
    best: dict[str, float] = {}
    for cell in confirmed:
        best[cell.point] = best.get(cell.point, 0) + curve(cell.config)[-1]["val_acc"] / 3
    assert found.cell.point == max(best, key=lambda point: best[point])


def test_the_winner_s_weights_stay_alone_unless_all_are_asked_for(tmp_path: Path) -> None:
    said: list[str] = []
    ledger = finished(tmp_path, keep="all")
    everyone = keep(ledger)
    winner.settle(ledger, found := winner.choose(ledger), say=said.append)
    assert kept(ledger) == sorted(everyone)
    run(tmp_path, edited := replace(ledger.space, keep="best"), reaching(TABLE))
    winner.settle(ledger := Ledger.read(tmp_path, edited.name), found, say=said.append)
    assert kept(ledger) == [ledger.cell_folder(found.cell.config) / WEIGHTS]
    assert said == []


@pytest.mark.parametrize("there", ["nothing", "damaged"])
def test_weights_that_are_not_there_come_of_a_replay(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winner, "TRAIN", "tests.trial_functions:weighing")
    run(tmp_path, space(seeds=(0,)))
    ledger = Ledger.read(tmp_path, "played")
    found = winner.choose(ledger)
    path = ledger.cell_folder(found.cell.config) / WEIGHTS
    if there == "damaged":
        path.write_bytes(b"x" * 100)
    said: list[str] = []
    winner.settle(ledger, found, say=said.append)
    assert said == [f"running {found.name} again, for its weights are not in this store"]
    assert path.read_bytes().endswith(found.cell.config.key.encode())


def test_a_replay_that_differs_or_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = finished(tmp_path)  # Its curves are none that `weighing` would report.
    found = winner.choose(ledger)
    said: list[str] = []
    monkeypatch.setattr(winner, "TRAIN", "tests.trial_functions:weighing")
    winner.weights(ledger, found.cell, say=said.append)
    assert "of its 2 numbers are not as they were (though nothing is known to have changed)" in said[1]
    kept(ledger)[0].unlink()
    monkeypatch.setattr(winner, "TRAIN", "tests.trial_functions:failing")
    with pytest.raises(StudyError, match="was run again, and failed: ValueError: no luck"):
        winner.weights(ledger, found.cell, say=said.append)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("best", "nothing"), "no study 'nothing'"),
        (("verify", "played"), "task 'toy' offers no fresh examples; give it fresh(settings, *, count, seed) and text"),
        (("verify", "played", "--count", "0"), "must be a whole number of at least 1"),
        (("export-model", "played", "--out", "{store}"), "is there already; give a folder that is new or empty"),
    ],
)
def test_bad_input_gets_a_clear_line(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, space(seeds=(0,)))
    given = [argument.format(store=tmp_path) for argument in arguments]
    try:
        status = cli.main([*given, "--store", str(tmp_path)])
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == 2
    assert words in capsys.readouterr().err


def test_a_study_with_missing_cells_shows_its_best_and_opens_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, space(), most=2)
    for command in (["best", "--test"], ["verify"], ["export-model", "--out", str(tmp_path / "out")]):
        assert cli.main([command[0], "played", *command[1:], "--store", str(tmp_path)]) == 2
        assert "study 'played' has no final winner: 4 cells are missing" in capsys.readouterr().err
    assert cli.main(["best", "played", "--store", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "4 cells are missing, so another point may still win" in out
    assert "never opened" in out


def test_of_two_objectives_the_front_stands_beside_the_best_by_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = Design("sweep", trials=8, confirm=Confirm(top=2, seeds=1))
    both = (Objective("val_acc", "maximize"), Objective("parameters", "minimize"))
    run(tmp_path, space(DEPTH, POOLING, design=how, seeds=(0,), objectives=both), most=4)
    assert cli.main(["best", "played", "--store", str(tmp_path)]) == 0
    best, front = re.findall(r"points is (.+)|minimize parameters\): (.+)", capsys.readouterr().out)
    assert front[1] == best[0]  # All models of the toy are of one size.


# With a study that really ran

LOADING = """
import json, sys
import numpy as np
{lines}
import keras
inputs = np.load("validation.npy").astype("float32")
file = keras.models.load_model("out/model.keras")
answers = [model.predict(inputs), file.predict(inputs, verbose=0)]
assert model.input_example.shape == (1, 21, 21, 1) and model.metadata.signature is not None
assert not file.compiled
assert not [name for name in sys.modules if name.partition(".")[0] == "study"]
right = np.load("targets.npy").argmax(-1)
print(json.dumps([float((answer.argmax(-1) == right).mean()) for answer in answers]))
"""


def test_the_model_loads_without_this_package_and_reads_as_it_did(
    smoke: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    from study.data import cache
    from study.space.task_loading import load_task

    store = str(smoke[0])
    assert "the best point's model is models:/smoke/1" in smoke[1]
    assert cli.main(["best", "smoke", "--store", store]) == 0
    out = capsys.readouterr().out
    assert "study smoke: the best of 4 points is " in out
    lines = out.partition("its model, in Python:\n")[2].splitlines()
    assert len(lines) == 3
    files = study("export-model", "smoke", "--out", str(tmp_path / "out"), "--store", store)
    assert [Path(line).name for line in files.splitlines()] == [
        "README.md",
        "data.json",
        "model.keras",
        "settings.json",
    ]
    ledger = Ledger.read(smoke[0], "smoke")
    found = winner.choose(ledger)
    config = found.cell.config
    plugin = load_task("qr_digits", folder=Path())
    data = cache.attach(plugin, config.settings, say=lambda what, done, total: None)
    for name, part in zip(("validation.npy", "targets.npy"), data.splits["validation"], strict=True):
        np.save(tmp_path / name, np.asarray(part[:256]))
    code = LOADING.format(lines="\n".join(line.strip() for line in lines))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    expected = ledger.curve(config.key)[-1]["val_acc"]
    assert json.loads(done.stdout.splitlines()[-1]) == pytest.approx([expected, expected])
    settings = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert (settings["key"], settings["settings"]["width"]) == (config.key, config.settings["width"])
    assert json.loads((tmp_path / "out" / "data.json").read_text())["fingerprint"] == data.fingerprint
    card = (tmp_path / "out" / "README.md").read_text()
    assert "The test split was " in card
    assert 'keras.models.load_model("model.keras")' in card


def test_only_the_winner_s_weights_are_left_and_its_model_is_logged_once(smoke: tuple[Path, str]) -> None:
    ledger = Ledger.read(smoke[0], "smoke")
    found = winner.choose(ledger)
    assert kept(ledger) == [ledger.cell_folder(found.cell.config) / WEIGHTS]
    assert registry.recorded_address(ledger, found.cell, smoke[0]) == "models:/smoke/1"
    (ledger.folder / "model.json").unlink()
    assert winner.log(ledger, found, smoke[0], say=pytest.fail) == "models:/smoke/1"
    other = next(cell for cell in ledger.cells() if cell.config.key != found.cell.config.key)
    assert registry.find_address(ledger, other, smoke[0]) is None
    assert registry.recorded_address(ledger, found.cell, smoke[0] / "elsewhere") is None


def test_opening_the_test_split_is_recorded_counted_and_said(
    smoke: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(smoke[0])
    ledger = Ledger.read(smoke[0], "smoke")
    before = len(holdout.read_openings(ledger.folder))
    out = study("best", "smoke", "--test", "--store", store)
    (opening,) = holdout.read_openings(ledger.folder)[before:]
    assert (opening.examples, opening.key) == (10_000, winner.choose(ledger).cell.config.key)
    assert 0.05 < opening.scores["acc"] < 0.2
    assert f"{opening.scores['acc']:.4f}\n" in out
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in out
    assert cli.main(["best", "smoke", "--store", store]) == 0
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in capsys.readouterr().out
    assert cli.main(["status", "smoke", "--store", store]) == 0
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in capsys.readouterr().out
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in repr(load_study("smoke", store=store))
    cells = read_table("smoke", store=smoke[0])
    times = f"{before + 1} times" if before else "once"
    assert f"The test split was opened {times} so far." in caption(cells, note="")


def test_the_best_model_is_at_hand_in_python(smoke: tuple[Path, str], tmp_path: Path) -> None:
    code = (
        "import sys; from study.results import load_study; study = load_study('smoke', store=sys.argv[1]); "
        "print(study.model().count_params(), int(study.best['parameters']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(smoke[0])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ours, recorded = done.stdout.splitlines()[-1].split()
    assert ours == recorded


def test_the_digits_that_the_best_model_takes_for_others_are_drawn(smoke: tuple[Path, str]) -> None:
    figure, name = confusion.compose(Source("smoke", smoke[0]))
    assert (name, len(figure.axes)) == ("smoke", 6)
    assert "on 2,000 fresh examples that no split holds" in figure.get_supxlabel().replace("\n", " ")


def test_verify_asks_about_numbers_that_no_split_holds(smoke: tuple[Path, str]) -> None:
    out = study("verify", "smoke", "--count", "12", "--seed", "3", "--store", str(smoke[0])).splitlines()
    assert out[0].endswith("on 12 fresh examples that no split holds")
    rows = [line.split() for line in out[2:14]]
    for true, read, *wrong in rows:
        assert len(true) == len(read) == 6
        assert [int(place) for place in wrong] == [n for n in range(1, 7) if true[n - 1] != read[n - 1]]
    assert out[14] == f"{sum(row[0] == row[1] for row in rows)} of 12 read whole (0%)"
