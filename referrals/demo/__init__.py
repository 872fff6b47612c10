"""Demonstration data: three member states, their organisations and people, 200 cases. All are invented."""
