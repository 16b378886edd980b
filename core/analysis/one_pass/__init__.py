"""What one pass over the stack adds up: moments, histograms, a balanced sample."""
