"""What many users do at once: see victimcare/local/drill.py."""
