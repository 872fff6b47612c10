"""Files that somebody brings: encrypted from their first byte on, and looked through before they are kept.

See docs/files.md. It knows nothing of whose they are.
"""
