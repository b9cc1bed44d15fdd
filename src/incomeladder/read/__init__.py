"""Bytes to raw text frames that know their file and line."""
