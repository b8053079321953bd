"""The connection to MLflow: its address, and a database that is made whole or not at all."""

import os
import re
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from study.errors import StoreError
from study.tracking import connection
from tests.conftest import ROOT
from tests.tracking.logged_studies import command, launch, runs
from tests.trial_functions import space


def test_the_log_is_in_the_store_unless_a_server_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.tracking_uri(tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"
    assert not connection.may_have_log(tmp_path)
    (tmp_path / "mlflow.db").touch()
    assert connection.may_have_log(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert connection.tracking_uri(tmp_path / "another") == "http://127.0.0.1:1"
    assert connection.may_have_log(tmp_path / "another")


@pytest.mark.parametrize(
    "address",
    [
        "https://me:s3cret@host:1/mlflow",
        "postgresql+psycopg2://me:s3cret@host/runs",
        "https://me:p@s3cret@host",
        "https://me:a/s3cret?#@host:1",
    ],
)
def test_a_password_is_neither_shown_nor_kept(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert connection.tracking_uri(tmp_path) == address
    assert connection.shown_uri(tmp_path) == f"{address.partition('me:')[0]}me:***@{address.rpartition('@')[2]}"
    secret = address.partition("me:")[2].rpartition("@")[0]
    message = connection.failure(tmp_path, ValueError(f"cannot reach {address}; {secret} is refused"))
    assert "s3cret" not in message
    assert message.count("me:***@host") == 2
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host:1/a:b@c")
    assert connection.shown_uri(tmp_path) == "http://host:1/a:b@c"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://t0ken@host/mlflow")
    assert connection.shown_uri(tmp_path) == "https://***@host/mlflow"


ODD_NAMES = (
    "feature%2Fwider",
    "a?b",
    "a#b",
    "a b",
    "~",
    "ü漢",
    'it\'s "q"',
    "100%",
    "x" * 200,
    "a+b&c=d;e:f@g",
    "a\\b",
)


@pytest.mark.parametrize("name", [*ODD_NAMES, "plain"])
def test_the_address_of_a_database_leads_to_its_folder(name: str, tmp_path: Path) -> None:
    address = connection.tracking_uri(tmp_path / name)
    assert make_url(address).database == f"{tmp_path}/{name}/mlflow.db"
    assert address.startswith("sqlite:///") != bool(set(name) & {"%", "?"})


def test_a_path_that_is_not_utf_8_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"caf\udce9: the path is not UTF-8, .*; give another store with --store"):
        connection.tracking_uri(tmp_path / os.fsdecode(b"caf\xe9"))


def test_a_path_that_is_too_long_for_the_database_is_refused_before_anything_runs(tmp_path: Path) -> None:
    fitting = tmp_path / "/".join(["x" * 99] * ((490 - len(str(tmp_path))) // 100))
    assert connection.tracking_uri(fitting).endswith("/mlflow.db")
    with pytest.raises(
        StoreError, match=r"a path of \d+ bytes there, and SQLite opens none of more than 504; give anothe"
    ):
        connection.tracking_uri(fitting / ("z" * 120))


@pytest.mark.slow
def test_a_study_is_logged_in_a_folder_with_any_name(empty: Path, tmp_path: Path) -> None:
    store = tmp_path / "feature%2Fwider is? #1"
    store.mkdir()
    shutil.copy(empty / "mlflow.db", store)
    assert launch(store, space(seeds=(0,))) == ""
    run = runs(store)[1][0]
    connection.connect(store).log_artifact(run.info.run_id, str(tmp_path / store / "mlflow.lock"), "figures")
    assert [path.relative_to(store).parts[0] for path in store.rglob("figures/mlflow.lock")] == ["artifacts"]
    assert [path.name for path in tmp_path.iterdir()] == [store.name]


def test_what_the_user_set_for_mlflow_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "7")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "")  # Only so that pytest restores the old value.
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY")
    connection.quieten()
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "7"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_whatever_mlflow_raises_becomes_one_error_with_the_address(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match=rf"MLflow \(sqlite:///{tmp_path}/mlflow.db\) failed: RuntimeError: no luck"),
        connection.mlflow_errors(tmp_path),
    ):
        raise RuntimeError("no luck")


def test_no_other_package_knows_a_name_of_mlflow() -> None:
    name = re.compile(r"(import|from) mlflow|MLFLOW_|mlflow\.(db|[a-z]+[A-Z])")
    # The script that opens a logged model as its reader would, and the code that this reader is shown.
    scripts = [ROOT / "study" / "training" / name for name in ("fresh_opening.py", "loading_code.py")]
    files = [path for path in (ROOT / "study").rglob("*.py") if path.parent.name != "tracking" and path not in scripts]
    assert len(files) > 50
    assert [str(path) for path in files if name.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.slow
def test_a_store_may_be_begun_by_one_that_is_killed_and_two_at_once(tmp_path: Path) -> None:
    with command(tmp_path, "space(seeds=(0,))") as launcher:
        draft = tmp_path / "mlflow.db.tmp"
        while not (draft.exists() and draft.stat().st_size > 0):
            assert launcher.poll() is None
            time.sleep(0.005)
        launcher.kill()
    assert not (tmp_path / "mlflow.db").exists()
    threads = [threading.Thread(target=connection.connect, args=(tmp_path,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not (tmp_path / "mlflow.db.tmp").exists()
    assert launch(tmp_path, space(seeds=(0,))) == ""
    assert len(runs(tmp_path)[1]) == 3


def test_mlflow_s_own_experiment_is_listed_only_if_somebody_uses_it(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connection.connect(store)
    assert client.search_experiments() == []
    client.restore_experiment("0")
    run = client.create_run("0")
    connection.remove_default_experiment(client)
    assert [experiment.name for experiment in client.search_experiments()] == ["Default"]
    client.delete_run(run.info.run_id)
    with monkeypatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # On a server it is not ours to remove.
        connection.remove_default_experiment(client)
    assert len(client.search_experiments()) == 1
    connection.remove_default_experiment(client)
    assert client.search_experiments() == []


def test_a_database_without_room_is_told_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connection.connect(tmp_path)
    # As a full disk does: the database may not grow.
    engine = client._tracking_client.store.engine

    @event.listens_for(engine, "connect")
    @event.listens_for(engine, "checkout")
    def limit(connected: Any, *_: object) -> None:
        connected.execute("PRAGMA max_page_count = 1")

    with pytest.raises(Exception, match="database or disk is full") as caught:
        client.create_experiment("large", tags={f"{turn}": "x" * 4_000 for turn in range(100)})
    said = connection.failure(tmp_path, caught.value)
    assert "database or disk is full" in said
    assert len(said.splitlines()) == 1
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
