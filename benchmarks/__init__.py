"""How fast VictimCare is at the size of a member state: `make bench`, `make bench-growth`, `make bench-day`."""
