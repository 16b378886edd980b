"""What a user's files are: how they are found, guarded, opened and read."""
