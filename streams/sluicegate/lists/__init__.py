"""Sanctions lists as files: fetched, read, kept as snapshots, and made into events."""
