"""What a network learns from: tiles, squares, channels, the scenes they are of."""
