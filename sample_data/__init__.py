"""A seeded generator of a synthetic watershed; nothing in it was measured anywhere.

See README.md for what is invented and how. Entry point: `sample_data.watershed.generate`.
"""
