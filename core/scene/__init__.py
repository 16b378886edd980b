"""Factor rasters in, one aligned stack out."""
