"""What is trained on: data sets on disk, made once and shared by every process."""
