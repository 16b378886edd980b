"""InSAR geometry: what a rate along the line of sight says about the ground."""
