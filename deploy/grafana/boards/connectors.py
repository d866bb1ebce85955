"""The ways in and out beside Kafka: the HTTP gateway, the clearance of runs, the notifier."""

from deploy.grafana.board import Board
from deploy.grafana.panels import lines, number

BOARD = Board(
    uid="sluicegate-connectors",
    title="Sluicegate: connectors",
    about="Do events come in by HTTP? Are pay runs cleared? Do alerts reach those who are to be told?",
    rows={
        "At a glance": (
            number(
                "Gateways that answer",
                "Normal is as many as are deployed. With none, senders keep what they have.",
                'sum(up{job="sluicegate-gateway"})',
                "short",
                "SluicegateGatewayDown",
                limits=((1, "green"),),
                base="red",
            ),
            number(
                "Requests p99",
                "From a request's head to the end of its answer, which waits for Kafka. Normal is below 0.1 s.",
                """histogram_quantile(0.99, sum by (le) (
                rate(sluicegate_gateway_request_seconds_bucket{route="events"}[$__rate_interval]))) >= 0""",
                "s",
                "SluicegateGatewayUnacknowledged",
                limits=((0.5, "orange"), (5, "red")),
            ),
            number(
                "Runs held for missing payments",
                "Pay runs past their time with announced payments that were never scored. Normal is 0: people wait.",
                "max(sluicegate_clearance_stuck_holds)",
                "short",
                "SluicegateHoldsStuck",
                limits=((1, "red"),),
            ),
            number(
                "Payments not scored yet",
                "Announced, and waited for. Falls within seconds of their coming.",
                "max(sluicegate_clearance_waiting_payments)",
                "short",
                "SluicegateHoldsStuck",
            ),
            number(
                "Oldest delivery due",
                "How long a webhook, message or mail could have left already. Normal is near 0.",
                "max(sluicegate_notify_oldest_waiting_seconds)",
                "s",
                "SluicegateNotifyWaiting",
                limits=((60, "orange"), (900, "red")),
            ),
            number(
                "Deliveries given up",
                "Those that were neither sent again nor forgotten since. Normal is 0.",
                "sum(max by (kind) (sluicegate_notify_dead))",
                "short",
                "SluicegateNotifyDead",
                limits=((1, "orange"),),
            ),
        ),
        "Gateway": (
            lines(
                "Requests by status",
                "202: Kafka has the events. 4xx are faults of senders, 429 too much at once, 503 that Kafka is away.",
                (("sum by (status) (rate(sluicegate_gateway_requests_total[$__rate_interval]))", "{{status}}"),),
                "reqps",
                "SluicegateGatewayUnacknowledged",
                stacked=True,
            ),
            lines(
                "Events accepted",
                "By type, each counted once Kafka has acknowledged it.",
                (("sum by (type) (rate(sluicegate_gateway_events_accepted_total[$__rate_interval]))", "{{type}}"),),
                "short",
                "SluicegateGatewayDown",
                stacked=True,
            ),
            lines(
                "Time until Kafka acknowledges",
                "The part of an answer that is Kafka's.",
                (
                    (
                        """histogram_quantile(0.5,
                        sum by (le) (rate(sluicegate_gateway_ack_seconds_bucket[$__rate_interval]))) >= 0""",
                        "p50",
                    ),
                    (
                        """histogram_quantile(0.99,
                        sum by (le) (rate(sluicegate_gateway_ack_seconds_bucket[$__rate_interval]))) >= 0""",
                        "p99",
                    ),
                ),
                "s",
                "SluicegateGatewayUnacknowledged",
            ),
            lines(
                "Bytes worked on",
                "Of requests that have no answer yet. At its limit senders get 429.",
                (("max by (instance) (sluicegate_gateway_in_flight_bytes)", "{{instance}}"),),
                "bytes",
                "SluicegateGatewayUnacknowledged",
            ),
        ),
        "Clearance": (
            lines(
                "Decisions",
                "About payments of pay runs, as they come into the view; a payment has one more when it changes.",
                (
                    (
                        "sum by (decision) (rate(sluicegate_clearance_decisions_read_total[$__rate_interval]))",
                        "{{decision}}",
                    ),
                ),
                "short",
                "SluicegateClearanceBehind",
                stacked=True,
            ),
            lines(
                "Records behind",
                "Decisions, announcements and policies that the view does not hold yet. Should be near 0.",
                (("max by (instance) (sluicegate_clearance_behind_records)", "{{instance}}"),),
                "short",
                "SluicegateClearanceBehind",
                limits=((1000, "red"),),
            ),
        ),
        "Notifier": (
            lines(
                "Attempts",
                "By what they came to. Anything but success is tried again, or given up with its reason.",
                (("sum by (outcome) (rate(sluicegate_notify_attempts_total[$__rate_interval]))", "{{outcome}}"),),
                "short",
                "SluicegateNotifyWaiting",
                stacked=True,
            ),
            lines(
                "Deliveries waiting",
                "By kind of endpoint. Growth means that a receiver does not take them.",
                (("max by (kind) (sluicegate_notify_waiting)", "{{kind}}"),),
                "short",
                "SluicegateNotifyWaiting",
            ),
            lines(
                "Notifiers that deliver",
                "One of those over one database; the others stand by.",
                (("sum(sluicegate_notify_leading)", "delivering"),),
                "short",
                "SluicegateNotifySilent",
                span=8,
            ),
            lines(
                "Alerts not read",
                "Records of `alerts` that are not entered yet.",
                (("max(sluicegate_notify_behind_records)", "records"),),
                "short",
                "SluicegateNotifyUnread",
                limits=((1000, "red"),),
                span=8,
            ),
            lines(
                "Endpoints that are gone",
                "They answered 410 and are told nothing any more.",
                (("max by (kind) (sluicegate_notify_disabled_endpoints)", "{{kind}}"),),
                "short",
                "SluicegateNotifyDisabled",
                limits=((1, "orange"),),
                span=8,
            ),
        ),
    },
)
