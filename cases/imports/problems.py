"""What can go wrong with a file or a row. No message ever holds a value of a row: values are about people."""


class ImportProblem(Exception):
    """The import cannot begin, or cannot go on. The message is one plain sentence that says what to do."""


class Unusable(Exception):
    """One row cannot become a record. The message is the reason, as it is written next to the row."""
