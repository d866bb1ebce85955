"""Alerts to those who do not read Kafka: signed webhooks, Slack, e-mail; nothing is lost, nobody stalls the others."""
