"""What the software needs of its machine, asked without needing any of it."""
