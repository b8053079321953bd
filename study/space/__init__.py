"""What a study asks: its search space, its points and trials, and how a file becomes a search space."""
