"""Parts of the page Scene."""
