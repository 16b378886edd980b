"""What keeps a workspace healthy: every file against its hash, what may go, backups."""
