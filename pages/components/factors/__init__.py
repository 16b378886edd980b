"""Parts of the page Factors."""
