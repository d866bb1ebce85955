"""What a change of policy or rules would have done: past events judged twice, and the alerts compared."""
