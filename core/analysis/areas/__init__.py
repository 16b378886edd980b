"""Where statistics are taken."""
