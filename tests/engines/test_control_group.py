"""The limits of control groups, as both versions of them write them."""

import math
from pathlib import Path

import pytest

from study.engines import control_group
from study.engines.control_group import memory_left, processor_limit
from study.engines.local import processors


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(control_group, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(control_group, "_OWN", tmp_path / "own")
    return tmp_path / "groups"


def write(groups: Path, own: str, **files: str) -> None:
    (groups.parent / "own").write_text(own)
    for name, text in files.items():
        folder, _, file = name.rpartition("__")
        path = groups / folder.replace("__", "/") / file.replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_without_groups_there_is_no_limit(groups: Path) -> None:
    assert processor_limit() == memory_left() == math.inf


def test_the_second_version_limits_by_the_group_and_those_above(groups: Path) -> None:
    write(
        groups,
        "0::/job/step\n",
        job__cpu_dot_max="150000 100000\n",
        job__step__cpu_dot_max="max 100000\n",
        job__memory_dot_max="4000000000\n",
        job__memory_dot_current="3000000000\n",
        job__memory_dot_stat="anon 1\ninactive_file 500000000\n",
        job__step__memory_dot_max="max\n",
    )
    assert processor_limit() == 1.5
    assert processors() == 1
    assert memory_left() == 1.5e9


def test_the_first_version_limits_too(groups: Path) -> None:
    write(
        groups,
        "3:cpu,cpuacct:/docker/a\n2:memory:/docker/a\n",
        **{
            "cpu,cpuacct__docker__a__cpu_dot_cfs_quota_us": "200000",
            "cpu,cpuacct__docker__a__cpu_dot_cfs_period_us": "100000",
        },
        memory__docker__a__memory_dot_limit_in_bytes="2000000000",
        memory__docker__a__memory_dot_usage_in_bytes="500000000",
        memory__memory_dot_limit_in_bytes="9223372036854771712",
    )
    assert processor_limit() == 2
    assert memory_left() == 1.5e9


def test_a_quota_that_is_none_and_files_that_hold_nonsense_limit_nothing(groups: Path) -> None:
    write(
        groups, "1:cpu:/\n", cpu__cpu_dot_cfs_quota_us="-1", cpu__cpu_dot_cfs_period_us="100000", cpu__cpu_dot_max="x"
    )
    assert processor_limit() == math.inf
