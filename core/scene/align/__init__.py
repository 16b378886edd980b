"""Values onto the grid: resampled, derived, block by block."""
