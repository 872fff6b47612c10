"""The door: who comes in, by what, how often somebody may try, and how long they stay."""
