"""The versions that alerts and state carry."""

__version__ = "0.1.0"

RULESET = "1.0.0"
"""Changes when a rule's test or a default changes; alert ids do not depend on it."""
