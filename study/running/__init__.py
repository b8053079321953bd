"""How a study is run: the loop, its session, its progress, a plan before and a replay after."""
