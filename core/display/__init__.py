"""What a map shows, prepared once in the worker as small rasters."""
