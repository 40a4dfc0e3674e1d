"""Reports: one view model made from the record, and one file for each format that shows it."""
