"""The best point: how it is chosen, its weights and its model, its model card, and its answers to fresh examples."""
