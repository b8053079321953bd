"""How a study is run: the loop, its session and its progress. Also a plan before a run, and a replay after it."""
