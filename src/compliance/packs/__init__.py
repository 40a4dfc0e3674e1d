"""The rule book: what the law says, as data, read, checked, dated and typed."""
