"""QR codes one by one, as `qrcode` makes them: what ours are compared with."""

from typing import Any

import numpy as np
import qrcode

from study.task import Level


def code(number: np.ndarray[Any, Any], *, error_correction: str, mask: Level) -> np.ndarray[Any, Any]:
    """The code of a number's digits: bool (21, 21, 1), True where a module is light."""
    level = getattr(qrcode.constants, f"ERROR_CORRECT_{error_correction}")
    maker = qrcode.QRCode(version=1, error_correction=level, mask_pattern=None if mask == "library" else int(mask))
    maker.add_data("".join(map(str, number)))
    maker.make(fit=False)  # To fit would mean a larger version.
    return ~np.array(maker.modules)[:, :, np.newaxis]


def codes(numbers: np.ndarray[Any, Any], *, error_correction: str, mask: Level) -> np.ndarray[Any, Any]:
    """The codes of numbers, (count, digits): bool (count, 21, 21, 1)."""
    return np.stack([code(number, error_correction=error_correction, mask=mask) for number in numbers])
