"""Many issuers: filings in, chunk by chunk, and for each of them every rule's verdict with its measures, as Parquet."""
