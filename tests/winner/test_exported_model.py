"""The exported folder: a model that loads without this package, and a card about it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from study import cli
from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.space.task_code import TaskCode
from study.winner.choice import choose
from study.winner.exported_model import export
from tests.winner.finished_study import finished

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


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    ledger = finished(tmp_path / "store")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(StudyError, match="out: exists already; give a folder that is new or empty"):
        export(ledger, choose(ledger), tmp_path / "out", say=pytest.fail)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


@pytest.mark.slow
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
    assert cli.main(["export-model", "smoke", "--out", str(tmp_path / "out"), "--store", store]) == 0
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == [
        "README.md",
        "data.json",
        "model.keras",
        "sample_inputs.npz",
        "settings.json",
    ]
    ledger = Ledger.read(smoke[0], "smoke")
    best = choose(ledger)
    config = best.cell.config
    plugin = load_task("qr_digits", folder=Path())
    data = cache.attach(plugin, config.settings, code=TaskCode(), on_progress=lambda what, done, total: None)
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
    code = card.partition("```python\n")[2].partition("```")[0] + "print(answers.shape)"
    shown = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert shown.stdout.splitlines()[-1] == "(4, 1, 6, 10)", shown.stderr
