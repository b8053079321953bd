"""Keras's `mnist_convnet` as a study of one's own, beside the same with KerasTuner and with Optuna."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from study.space.points import count_cells
from study.space.toml_file import read
from tests.conftest import ROOT, study

FOLDER = Path(__file__).parent / "mnist"
WAYS = {
    "this project": ("convnet.py", "convnet.toml"),
    "KerasTuner": ("with_keras_tuner.py",),
    "Optuna": ("with_optuna.py",),
}
"""The files of each way."""
WORDS = {
    "this project": "epochs batch_size data pool test build task objective metric direction design kind seeds factors",
    "KerasTuner": "GridSearch hp Choice executions_per_trial directory search results_summary get_best_models",
    "Optuna": "create_study GridSampler sampler direction storage study_name load_if_exists optimize "
    "suggest_categorical number trials_dataframe groupby params_ best_trial",
}
"""What of each tool one must know to write its files."""
README_ROW = re.compile(r"\| (?P<way>[\w ]+?) \| (?P<lines>\d+) \| (?P<words>\d+) \|")


def lines(way: str) -> int:
    """Returns how many lines the files of a way have, blank ones aside."""
    texts = [(FOLDER / file).read_text(encoding="utf-8") for file in WAYS[way]]
    return sum(1 for text in texts for line in text.splitlines() if line.strip())


def test_a_study_of_one_s_own_takes_under_thirty_lines() -> None:
    assert lines("this project") < 30
    assert count_cells(read(FOLDER / "convnet.toml")) == 2 * 2 * 3


@pytest.mark.parametrize("way", WAYS)
def test_the_words_of_a_tool_stand_in_its_files(way: str) -> None:
    text = " ".join((FOLDER / file).read_text(encoding="utf-8") for file in WAYS[way])
    assert [word for word in WORDS[way].split() if word not in text] == []


def test_the_readme_counts_the_lines_and_the_words() -> None:
    rows = README_ROW.finditer((ROOT / "README.md").read_text(encoding="utf-8"))
    counted = {row["way"]: (int(row["lines"]), int(row["words"])) for row in rows}
    assert counted == {way: (lines(way), len(WORDS[way].split())) for way in WAYS}


def small(folder: Path, way: str) -> None:
    """Write the files of a way into a folder, with few images and epochs, so that nothing is downloaded."""
    (folder / "small_mnist.py").write_text((FOLDER / "small_mnist.py").read_text())
    for file in WAYS[way]:
        text = (FOLDER / file).read_text(encoding="utf-8")
        text = text.replace("keras.datasets.mnist.load_data()", "small_mnist.load_data()")
        text = text.replace("import keras\n", "import keras\nimport small_mnist\n", 1)
        text = text.replace("epochs, batch_size = 15,", "epochs, batch_size = 2,").replace("epochs=15", "epochs=2")
        (folder / file).write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_the_study_ends_with_a_verdict_and_a_model(tmp_path: Path) -> None:
    small(tmp_path, "this project")
    store = ("--store", str(tmp_path / "store"))
    assert "the best point's model is models:/convnet/1" in study("run", str(tmp_path / "convnet.toml"), *store)
    assert "95 % interval" in study("effects", "convnet", *store)
    study("export-model", "convnet", "--out", str(tmp_path / "model"), *store)
    assert (tmp_path / "model" / "model.keras").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["KerasTuner", "Optuna"])
def test_the_other_ways_run_as_they_are_written(way: str, tmp_path: Path) -> None:
    small(tmp_path, way)
    extras = ROOT / ".venv" / "others"  # `make bench` installs KerasTuner there.
    if way == "KerasTuner" and not (importlib.util.find_spec("keras_tuner") or (extras / "keras_tuner").is_dir()):
        pytest.skip("KerasTuner is not installed")
    environment = {**os.environ, "PYTHONPATH": str(extras)}
    command = [sys.executable, WAYS[way][0]]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("*.keras"))
