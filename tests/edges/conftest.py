"""The edges are asked at every address, about the world of the matrix."""

from tests.matrix.conftest import asker, chance

__all__ = ["asker", "chance"]
