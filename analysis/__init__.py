"""One figure a module: `python -m analysis.NAME` draws it. Statistics are computed in `study.inference`, not here."""
