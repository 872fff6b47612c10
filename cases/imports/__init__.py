"""Cases that come in from a file, by a declarative mapping. See docs/import.md."""
