"""Root key -> member-state key -> subject key -> AES-256-GCM per field (design section 4)."""
