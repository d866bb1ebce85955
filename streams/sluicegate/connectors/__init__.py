"""Files of banks and payroll systems as events: one module a format, found by its `CONNECTOR`."""
