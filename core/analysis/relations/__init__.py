"""How factors go together: correlation, collinearity, association, significance."""
