"""What a version 1 QR code holds, known without any library: a search space is checked against it."""

SIZE = 21
"""Modules along one side."""
CAPACITY = {"L": 41, "M": 34, "Q": 27, "H": 17}
"""Digits that fit in numeric mode, by level of error correction (ISO/IEC 18004, table 7)."""
