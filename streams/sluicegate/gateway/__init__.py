"""The HTTP gateway: CloudEvents in by POST, acknowledged once Kafka holds them; and the clearance of pay runs."""
