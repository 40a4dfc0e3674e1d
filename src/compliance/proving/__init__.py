"""Prove a pack: its inline tests, and whether they pass through what it claims to cover."""
