"""Formats of this product where Django's own would be misread."""
