"""The filing: what it says, where it says it, who judged what, and the rows that the engine sees."""
