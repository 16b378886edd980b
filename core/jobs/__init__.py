"""Long actions: one status format, one launcher."""
