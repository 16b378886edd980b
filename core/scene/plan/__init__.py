"""What an import will do: every file looked at, every decision taken, nothing decoded."""
