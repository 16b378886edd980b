"""How good a map is, and beside what."""
