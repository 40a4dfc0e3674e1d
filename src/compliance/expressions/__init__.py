"""The closed language of rules: parsing, types against the vocabulary, and the code made from the typed tree."""
