"""A second opinion on the rule book: the four families of rules decided slowly and plainly, and random filings to try."""
