"""The networks, in Keras 3 alone. Start at `catalogue`, which imports without Keras."""
