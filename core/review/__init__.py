"""Review: false objects may be landslides that nobody mapped (paper, 5.2); who decided what."""
