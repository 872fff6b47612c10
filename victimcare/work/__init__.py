"""Background work as its keeper sees it: what waits, what failed, where and how often; never with what."""
