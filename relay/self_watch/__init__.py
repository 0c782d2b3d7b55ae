"""Self-watch: built-in rules about the watched trail, and about relay itself."""
