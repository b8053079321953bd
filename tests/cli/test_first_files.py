"""The files that `study new` writes work as they are."""

import ast
from pathlib import Path

from study.cli.first_files import STUDY, TASK
from study.space.toml_file import read
from tests.in_process import trained


def test_the_first_study_trains(tmp_path: Path) -> None:
    (tmp_path / "arms.py").write_text(TASK.replace("NAME", "arms"))
    (tmp_path / "arms.toml").write_text(STUDY.replace("NAME", "arms"))
    space = read(tmp_path / "arms.toml")
    result = trained(space.config({}, seed=0), tmp_path)
    assert (result.state, len(result.curve)) == ("complete", 10)
    assert result.metrics[space.objective.metric] > 0.5
    assert result.data["counts"] == {"pool": 2_000, "validation": 500, "test": 500}


def test_the_functions_that_it_mentions_fit_the_task() -> None:
    comment = TASK.rpartition("if it is there:\n#\n")[2]
    code = "\n".join(line.removeprefix("# ") for line in comment.splitlines())
    names = [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    assert names == ["problems", "callbacks"]
