"""The files of a trial's callbacks lie in its folder, and are after a kill what they were at its last checkpoint."""

from pathlib import Path
from types import SimpleNamespace

import keras

from study.training.callback_files import CallbackFiles


def test_relative_paths_lead_into_the_folder_and_absolute_ones_stay(tmp_path: Path) -> None:
    relative, absolute = keras.callbacks.CSVLogger("log.csv"), SimpleNamespace(filepath=str(tmp_path / "x.keras"))
    files = CallbackFiles(tmp_path / "files")
    files.take([relative, absolute])
    assert relative.filename == str(tmp_path / "files" / "log.csv")
    assert absolute.filepath == str(tmp_path / "x.keras")


def test_the_folder_is_current_while_callbacks_run_and_goes_if_it_is_empty(tmp_path: Path) -> None:
    files, before = CallbackFiles(tmp_path / "files"), Path.cwd()
    with files.inside():
        assert Path.cwd() == tmp_path / "files"
    assert Path.cwd() == before
    files.tidy()
    assert not (tmp_path / "files").exists()


def test_what_was_written_after_the_checkpoint_is_cut_off(tmp_path: Path) -> None:
    files = CallbackFiles(tmp_path / "files")
    with files.inside():
        Path("log").write_text("one")
        Path("deep").mkdir()
        Path("deep/model").write_text("weights")
        sizes = files.sizes()
        Path("log").write_text("one two")
        Path("later").write_text("never checked")
    files.set_aside()
    with files.inside():
        open_file = Path("log").open("w")  # noqa: SIM115 - a callback keeps it open
        open_file.write("one")
        open_file.flush()
    files.put_back(sizes)
    open_file.write(" three")
    open_file.close()
    assert (tmp_path / "files" / "log").read_text() == "one three"
    assert (tmp_path / "files" / "deep" / "model").read_text() == "weights"
    assert not (tmp_path / "files" / "later").exists()
    assert not (tmp_path / "files.kept").exists()


def test_a_trial_that_is_killed_while_it_is_resumed_keeps_its_files(tmp_path: Path) -> None:
    files = CallbackFiles(tmp_path / "files")
    with files.inside():
        Path("log").write_text("one")
    sizes = files.sizes()
    files.set_aside()
    with files.inside():
        Path("log").write_text("half")
    files.set_aside()
    files.put_back(sizes)
    assert (tmp_path / "files" / "log").read_text() == "one"
    files.remove()
    assert not (tmp_path / "files").exists()
