"""Faults that tests have to find: each turns a test red."""
