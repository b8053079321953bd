"""The data that models train on: data sets on disk, made once and shared by every process."""
