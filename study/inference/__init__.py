"""What the table of a study's cells shows: pure functions of the table. SciPy does the mathematics.

`intervals` gives means and differences. `t_tests` holds the one rule that decides whether a variant differs from
the baseline; `multiplicity` computes its probabilities, and `power` says which effects it can find. `effects`
applies the rule to a table. `dose` and `plateau` analyse curves and `factorial` analyses grids, all by `contrasts`.
`nuisance`, `mixture` and `variation` say what was fixed, what did not run alike and why seeds differ. `findings` puts
all of that into sentences.
"""
