"""The paired experiment: the same training of several networks and datasets, and what it shows."""
