"""From tiles to a trained network."""
