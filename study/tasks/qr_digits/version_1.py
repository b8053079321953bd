"""The size of a version 1 QR code. It is given without a library, so that a search space is checked quickly."""

SIZE = 21
"""Modules along each side."""
CAPACITY = {"L": 41, "M": 34, "Q": 27, "H": 17}
"""The most digits in numeric mode at each level of error correction (ISO/IEC 18004, table 7)."""
