"""Tiles, split, training, prediction, metrics."""
