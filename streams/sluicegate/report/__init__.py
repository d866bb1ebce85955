"""Reports over a period: what was watched for, what was found, and what was decided."""
