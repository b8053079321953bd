"""A study has the same results, whatever is killed at any moment."""

from pathlib import Path

import pytest

from tests.faults.ballistics import Campaign


@pytest.mark.slow
def test_sixty_kills_change_nothing(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, kills=60, seed=0)
    together = campaign.fight()
    assert together.kills.total() == 60
    assert min(together.kills.values()) > 0
    assert all(tally.studies for tally in campaign.tallies.values())
    assert together.duplicates == 0
    assert together.lost <= 2 * 60
