"""Networks as things: built, described, loaded, carried away, gone on from."""
