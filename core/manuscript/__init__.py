"""What goes into a paper: maps as a figure, tables, and the paragraph on methods."""
