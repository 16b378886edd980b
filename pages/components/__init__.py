"""Parts of pages: each `show(...)` draws and returns a value."""
