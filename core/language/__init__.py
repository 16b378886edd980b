"""The languages that people read: which one, the catalogues, what a text is in it."""
