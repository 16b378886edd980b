"""What the files of a run and of its predictions are called (`core.runs.store`: what they hold)."""

CONFIG, HISTORY, SPLIT, MODEL_CARD = "config.json", "history.csv", "split.json", "model.json"
# In a prediction's folder.
PROBABILITY, MASK, LANDSLIDES = "probability.tif", "mask.tif", "landslides.gpkg"
NOTES, LOADED = "notes.json", "loaded.json"
COUNTS, METRICS = "counts.npz", "metrics.json"
# It was made from another machine's copy of the scene.
PREVIEW = "preview.json"
# The scene's fingerprint, weights, looks and cost behind the map.
MADE_OF = "made_of.json"
