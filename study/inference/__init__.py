"""What the tidy table of a study's cells shows: pure functions of it; scipy does the mathematics.

`intervals` gives means and differences; `comparisons` holds the one rule by which a difference is called one, on the
chances that `family` computes, and `power` says what it can find. `conclusions` applies it to a table. `dose` and
`plateau` read curves, `factorial` grids, both by `contrast`; `nuisance`, `mixture` and `variation` say what was fixed,
what did not run alike and why seeds differ. `findings` puts all of that into sentences.
"""
