"""From a trained network to the map of a scene."""
