"""Sanctions lists as their publishers write them: one module a source, each with a `SOURCE`."""
