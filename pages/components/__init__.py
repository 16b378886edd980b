"""Parts of pages: each `show(...)` draws and returns a value; parts of one page have a folder."""
