"""What the console keeps in its database, one module a concern."""
