"""The proof on one machine: dask in three namespaces as hosts, and a real Slurm of two nodes.

python -m tests.cluster             both, each skipped visibly where it is not possible
python -m tests.cluster namespaces
python -m tests.cluster slurm
"""
