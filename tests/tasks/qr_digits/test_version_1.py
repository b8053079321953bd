"""What a version 1 code holds, held against the library."""

import pytest
import qrcode
from qrcode.exceptions import DataOverflowError

from study.tasks.qr_digits.version_1 import CAPACITY, SIZE


def fits(digits: int, level: str) -> bool:
    maker = qrcode.QRCode(version=1, error_correction=getattr(qrcode.constants, f"ERROR_CORRECT_{level}"))
    maker.add_data("7" * digits)
    try:
        maker.make(fit=False)
    except DataOverflowError:
        return False
    assert len(maker.modules) == SIZE
    return True


@pytest.mark.parametrize(("level", "most"), CAPACITY.items())
def test_the_capacity_and_the_size_are_the_librarys(level: str, most: int) -> None:
    assert fits(most, level)
    assert not fits(most + 1, level)
