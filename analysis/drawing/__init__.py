"""What all figures share: where their numbers come from, labels, colours, panels, captions, and the command."""
