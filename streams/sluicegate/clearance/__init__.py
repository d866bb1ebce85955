"""Clearance: which payments of a run may go out, asked over HTTP and answered from a view of Kafka's topics."""
