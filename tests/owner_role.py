"""A pytest plugin: a test run makes and drops databases, so it logs in as owner (see tests/conftest.py)."""

import os

os.environ["VICTIMCARE_ROLE"] = "owner"
