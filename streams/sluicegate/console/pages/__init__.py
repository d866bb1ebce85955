"""The console's pages and its JSON interface, one module a page."""
