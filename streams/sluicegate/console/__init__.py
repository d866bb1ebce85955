"""The alert console: a web server of its own, beside the stream. Its crash stalls no scoring."""
