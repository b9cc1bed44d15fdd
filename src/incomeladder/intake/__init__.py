"""Survey files to households: read, clean and validate set in order, with the accounting of every row."""
