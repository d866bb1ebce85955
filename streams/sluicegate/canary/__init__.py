"""A payment of our own through the whole path, and the alert that has to follow: shows that alerts come at all."""
