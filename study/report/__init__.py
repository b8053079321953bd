"""A study's report in one file: its question, its answer, and everything that the answer rests on."""
