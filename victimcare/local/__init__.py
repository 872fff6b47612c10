"""Sets up and runs VictimCare on one machine: `make run`, `make test`, `make check` and `make clean`.

Nothing here is imported by the product; a real server has its own service manager and database, see
docs/operations.md.
"""
