"""Households through several rounds: where each was, what happened along the way, and how long it lasted."""
