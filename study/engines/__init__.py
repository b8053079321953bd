"""Where trials run: one contract, and the engines that keep it."""
