"""What the notifier keeps in its database: how far it has read, and what is to be delivered to whom."""
