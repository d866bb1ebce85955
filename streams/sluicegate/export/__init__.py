"""Alerts for other systems: rows of a table, columns of a file, findings of OCSF."""
