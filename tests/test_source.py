"""A study in Python comes from a file, from keys or from the store, and is read again before each run."""

import tomllib
from pathlib import Path

import pytest

from study.errors import SearchSpaceError, StoreError, StudyError
from study.source import Source
from study.space.task_loading import load_task
from tests.conftest import ROOT
from tests.ledger.test_tables import store_of
from tests.space.toml_texts import PLAIN, written
from tests.trial_functions import space


def test_a_file_its_keys_and_a_dictionary_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    path = written(tmp_path, PLAIN)
    keys = {"name": "mine", **tomllib.loads(PLAIN)}
    sources = [Source.of(path, {}, store=tmp_path), Source.of(str(path), {}, store=tmp_path)]
    sources += [Source.of(keys, {}, store=tmp_path), Source.of(None, keys, store=tmp_path)]
    sources += [Source.of({"name": "mine"}, tomllib.loads(PLAIN), store=tmp_path)]
    first = sources[0].read()
    assert all(source.read() == first for source in sources)
    assert Source.of(first, {}, store=tmp_path).read() is first


def test_a_name_means_the_study_in_the_store(tmp_path: Path) -> None:
    store_of(tmp_path, space())
    source = Source.of("played", {}, store=tmp_path)
    assert (source.is_stored, source.read().name) == (True, "played")
    with pytest.raises(StoreError, match="no study 'other'; there are played"):
        Source.of("other", {}, store=tmp_path).read()


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    source = Source.of(path, {}, store=tmp_path)
    assert len(source.read().seeds) == 2
    written(tmp_path, PLAIN.replace("seeds = 2", "seeds = 3"))
    assert len(source.read().seeds) == 3


def test_what_is_given_twice_or_is_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"mine\.toml: give either a file, or keys \(seeds\), not both"):
        Source.of("mine.toml", {"seeds": 3}, store=tmp_path)
    with pytest.raises(StudyError, match=r"digits\.py is a task; a study of it is Study\(task='digits\.py', factors="):
        Source.of("digits.py", {}, store=tmp_path)


def test_a_task_s_file_must_not_run_its_own_study_when_it_is_imported(tmp_path: Path) -> None:
    text = "from study.results import Study\nStudy(task='./own.py:task', factors={})\n"
    (tmp_path / "own.py").write_text(text)
    with pytest.raises(
        StudyError, match=r"must not make a study while it is imported: .*__main__.* \(own\.py, line 2\)"
    ):
        load_task("./own.py:task", folder=tmp_path)
    with pytest.raises(
        SearchSpaceError, match=r"task: task './own.py:task' cannot be imported: StudyError: a task's file"
    ):
        Source.of(written(tmp_path, PLAIN.replace("tests.toy_task:task", "./own.py:task")), {}, store=tmp_path).read()
