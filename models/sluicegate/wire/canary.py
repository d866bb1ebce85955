"""The tenant of payments that nobody made: a canary sends them to see that their alerts come.

Detection treats it as any other tenant, so that a log with its events replays to the same alerts. Who reads alerts for
people leaves this tenant out.
"""

__all__ = ["CANARY_TENANT"]

CANARY_TENANT = "sluicegate-canary"
