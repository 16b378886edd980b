"""One folder a training run."""
