"""The claim on a folder names its process, is renewed, and shows who else claims the folder."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger import claim
from study.ledger.claim import OWNER, Claim, Owner


def words() -> str:
    return f"process {os.getpid()} on {platform.node()}"


def claimed(folder: Path, **changes: object) -> str:
    """Claim a folder as another process does. Returns the text of the claim."""
    about = {**Owner.new().about, "token": "other", **changes}
    text = f"process {about['process']} on there\n{json.dumps(about)}\n"
    (folder / OWNER).write_text(text)
    return text


def test_a_claim_names_its_process_and_goes_with_it(tmp_path: Path) -> None:
    mine = Claim(tmp_path, what="study 'a'")
    mine.begin()
    assert (tmp_path / OWNER).read_text().splitlines()[0] == words()
    mine.check()
    (tmp_path / OWNER).unlink()
    mine.check()
    owner = Owner.read(tmp_path)
    assert owner is not None
    assert owner.is_here
    assert owner.words == words()
    mine.end()
    assert [*tmp_path.iterdir()] == []


def test_a_process_of_this_machine_keeps_others_off_while_it_lives(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        start = claim._start(other.pid)
        assert start
        text = claimed(tmp_path, process=other.pid, start=start)
        with pytest.raises(StoreError, match=rf"^study 'a' is being run by process {other.pid} on there; wait for it"):
            Claim(tmp_path, what="study 'a'").begin()
        assert (tmp_path / OWNER).read_text() == text
        claimed(tmp_path, process=other.pid, start="7")  # Another process has its number now.
        Claim(tmp_path, what="").begin()
        claimed(tmp_path, process=other.pid, start=start)
        other.kill()
    Claim(tmp_path, what="").begin()


def test_a_claim_of_another_machine_counts_as_long_as_it_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "_RENEWAL", 0.05)
    monkeypatch.setattr(claim, "_SILENCE", 0.5)
    there = Claim(tmp_path, what="")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(claim, "_machine", lambda: "there 1 2")
        there = Claim(tmp_path, what="")
        there.begin()
    with pytest.raises(StoreError, match="is being run by"):
        Claim(tmp_path, what="study 'a'").begin()
    there._ended.set()  # It is killed.
    here = Claim(tmp_path, what="study 'a'")
    here.begin()
    here.check()
    with pytest.raises(
        StoreError, match=rf"^None was taken over by {words()}, so this run ends and writes nothing more"
    ):
        Claim.check(_named(there))
    there.end()
    here.check()
    here.end()


def _named(there: Claim) -> Claim:
    there._what = "None"
    return there


@pytest.mark.parametrize(
    "text", ["", "process 12 on a mach", "process 1 on there\n{", "process 1 on there\n[]\n", "\xff"]
)
def test_a_torn_claim_or_an_earlier_version_s_keeps_nobody_off(text: str, tmp_path: Path) -> None:
    (tmp_path / OWNER).write_bytes(text.encode("latin-1"))
    mine = Claim(tmp_path, what="")
    mine.begin()
    mine.check()
    mine.end()
