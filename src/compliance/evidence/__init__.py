"""Evidence that is checked: where a filing's figures stand in the documents that it cites."""
