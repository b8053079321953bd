"""Which point a sweep tries next, and which trial it ends early."""
