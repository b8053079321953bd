"""A cell's folder: its name, and what stays in it when the cell is over."""

from pathlib import Path

from study.engines.cell_folder import CHECKPOINT, CURVE, LOG, WEIGHTS, folder_name, remove_working_files


def test_a_folder_is_named_by_the_first_sixteen_characters_of_the_key() -> None:
    assert folder_name("0123456789abcdef" * 4) == "0123456789abcdef"


def test_curve_log_and_weights_stay_and_all_else_goes(tmp_path: Path) -> None:
    for name in (CURVE, LOG, WEIGHTS, CHECKPOINT, "checkpoint.tmp"):
        (tmp_path / name).touch()
    (tmp_path / "of the task").mkdir()
    (tmp_path / "of the task" / "file").touch()
    remove_working_files(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {CURVE, LOG, WEIGHTS}


def test_a_folder_that_does_not_exist_is_left_alone(tmp_path: Path) -> None:
    remove_working_files(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_names_are_those_of_stores_that_exist() -> None:
    assert (CURVE, LOG, WEIGHTS, CHECKPOINT) == ("curve.jsonl", "log.txt", "weights.npz", "checkpoint.npz")
