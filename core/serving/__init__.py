"""What stands before everything the server answers."""
