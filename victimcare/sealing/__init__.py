"""Seals over the access log. `verify` stands alone: it needs neither Django nor the product's settings."""
