"""Records under review: what differs between two of them."""
