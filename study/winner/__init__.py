"""The best point: how it is chosen, its model card, and what it reads of fresh examples."""
