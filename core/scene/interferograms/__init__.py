"""Stacks of interferograms: recognised by names and side-cars, checked, read by rows."""
