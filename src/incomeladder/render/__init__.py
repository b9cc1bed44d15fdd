"""Finished reports to text and data. A renderer only formats; only the edge writes."""
