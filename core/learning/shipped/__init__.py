"""The networks that come with the software, and their maps."""
