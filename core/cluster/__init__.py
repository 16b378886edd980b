"""One action on many processes: tasks on files, carried out here, by dask, or by Slurm."""
