"""Landslides as objects: detected or missed, by size; false ones; and why one is where it is."""
