"""The data sets in the cache, listed and removed."""

from pathlib import Path

from filelock import FileLock

from study.data.cache_contents import clear, entries, half_made
from tests.data.test_cache import Ramp, attached, cut, visible


def test_the_cache_says_what_it_holds(root: Path) -> None:
    assert entries() == []
    attached(Ramp())
    attached(Ramp(), rows=9)
    held = {tuple(entry.settings.items()): entry for entry in entries()}
    assert held.keys() == {(), (("rows", 9),)}
    assert held[()].counts == {"pool": 8, "validation": 2}
    assert held[()].bytes == sum(path.stat().st_size for path in (root / held[()].name).iterdir())
    assert not any(entry.problem for entry in entries(check=True))


def test_clearing_gives_everything_back_but_what_is_being_made(root: Path) -> None:
    busy, idle = attached(Ramp()), attached(Ramp(), rows=9)
    cut(idle.folder / "manifest.json")
    attached(Ramp(), rows=9)
    before = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    with FileLock(root / f".{busy.folder.name}.lock"):
        freed, stay = clear()
    assert stay == [busy.folder.name]
    assert visible(root) == stay
    assert freed == before - sum(path.stat().st_size for path in busy.folder.iterdir())
    assert clear()[1] == visible(root) == []


def test_what_a_killed_process_left_half_made_is_listed_and_cleared(root: Path) -> None:
    whole, busy = attached(Ramp()).folder, attached(Ramp(), rows=9).folder
    orphan = root / f".toy-0123.{'a' * 32}"
    drafts = {orphan: 1_000, root / f".{whole.name}.{'b' * 32}": 200, root / f".{busy.name}.{'c' * 32}": 30}
    for draft, length in drafts.items():
        draft.mkdir()
        (draft / "pool.inputs.npy").write_bytes(b"x" * length)
    left = "was left half made by a process that was ended; `study cache clear` removes it"
    with FileLock(root / f".{busy.name}.lock"):
        found = {entry.name: (entry.bytes, entry.problem) for entry in half_made()}
        assert clear()[1] == [busy.name]
    assert found == {
        draft.name: (length, "is being made" if busy.name in draft.name else left) for draft, length in drafts.items()
    }
    assert not any(draft.exists() for draft in [*drafts][:2])
    assert clear()[1] == []
    assert half_made() == []
