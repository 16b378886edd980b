"""Export: a predicted map as files that a GIS opens and a report that needs nothing else."""
