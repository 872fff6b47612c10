"""The administrator's room: who works in their organisation, and as what. It knows no case."""
