"""How many workers a machine can have."""

import math
from pathlib import Path

import pytest

from study.running import resources


@pytest.mark.parametrize(
    ("cores", "memory", "threads", "workers"),
    [(8, math.inf, 1, 8), (8, math.inf, 3, 2), (8, 4.6e9, 1, 3), (8, 1e9, 1, 1), (1, math.inf, 4, 1)],
)
def test_cores_and_memory_bound_the_workers(
    monkeypatch: pytest.MonkeyPatch, *, cores: int, memory: float, threads: int, workers: int
) -> None:
    monkeypatch.setattr(resources, "processors", lambda: cores)
    monkeypatch.setattr(resources, "free_memory", lambda: memory)
    assert resources.default_workers(threads) == workers


def test_free_memory_is_what_the_system_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    monkeypatch.setattr(resources, "_MEMORY_FILE", file)
    assert resources.free_memory() == math.inf
    file.write_text("MemTotal: 9 kB\nMemAvailable:   7 kB\n")
    assert resources.free_memory() == 7 * 1024


def test_each_gpu_has_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "GPU_FOLDER", tmp_path)
    assert resources.count_gpus() == 0
    (tmp_path / "0000:01:00.0").mkdir()
    assert resources.count_gpus() == 1
