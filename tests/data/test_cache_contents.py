"""The data sets in the cache, listed and removed."""

from pathlib import Path

from filelock import FileLock

from study.data.cache_contents import clear, entries
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
