"""How fast the product is at the size of a member state. See docs/performance.md."""
