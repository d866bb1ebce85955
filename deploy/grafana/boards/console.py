"""Do alerts reach people, and verdicts the stream? The console's pages, feeds, outbox and queue."""

from deploy.grafana.board import Board, Choice
from deploy.grafana.panels import lines, number

BOARD = Board(
    uid="sluicegate-console",
    title="Sluicegate: console",
    about="Do alerts reach people, and do their verdicts reach the stream? Are pages quick?",
    choices=(Choice("page", "sluicegate_console_request_seconds_count"),),
    rows={
        "At a glance": (
            number(
                "Consoles that answer",
                "Normal is as many as are deployed. With none, nobody sees alerts; detection goes on.",
                'sum(up{job="sluicegate-console"})',
                "short",
                "SluicegateConsoleDown",
                limits=((1, "green"),),
                base="red",
            ),
            number(
                "Critical alerts waiting",
                "For a decision. Half an hour without a moment at 0 wakes somebody.",
                'max(sluicegate_console_waiting_alerts{severity="critical"})',
                "short",
                "SluicegateCriticalWaiting",
                limits=((1, "orange"),),
            ),
            number(
                "Feeds behind",
                """Records that are not in the database yet. Normal is near 0; after a rebuild it falls by thousands a
                second.""",
                "max(sluicegate_console_feed_behind_records)",
                "short",
                "SluicegateConsoleFeedBehind",
                limits=((1000, "red"),),
            ),
            number(
                "Oldest verdict waiting",
                "How long it could have left already. Normal is 0 to some seconds; verdicts are kept until they leave.",
                "max(sluicegate_console_outbox_oldest_seconds)",
                "s",
                "SluicegateOutboxGrowing",
                limits=((60, "orange"), (300, "red")),
            ),
            number(
                "Sessions",
                "People (and programs) signed in. Many more than analysts is worth a question.",
                "max(sluicegate_console_sessions)",
                "short",
                "SluicegateConsoleDown",
            ),
            number(
                "Slowest pages, p99",
                "Time until an answer begins, over all pages. Normal is a few hundredths of a second.",
                """histogram_quantile(0.99,
                sum by (le) (rate(sluicegate_console_request_seconds_bucket[$__rate_interval]))) >= 0""",
                "s",
                "SluicegateConsoleDown",
                limits=((0.5, "orange"), (2, "red")),
            ),
        ),
        "Queue": (
            lines(
                "Alerts waiting for a decision",
                "By severity; 1,000 means at least so many. Should fall over a working day.",
                (("max by (severity) (sluicegate_console_waiting_alerts)", "{{severity}}"),),
                "short",
                "SluicegateCriticalWaiting",
                stacked=True,
            ),
            lines(
                "New alerts and verdicts",
                """An hour's new alerts beside an hour's verdicts that the stream applied: the queue grows by the
                difference.""",
                (
                    ('sum(increase(sluicegate_alerts_total{activity="create"}[1h]))', "new alerts"),
                    ("sum(increase(sluicegate_dispositions_total[1h]))", "verdicts"),
                ),
                "short",
                "SluicegateCriticalWaiting",
            ),
        ),
        "Feeds": (
            lines(
                "Records behind",
                "By feed: alerts, and history (payments around them). Both should be near 0.",
                (("max by (feed) (sluicegate_console_feed_behind_records)", "{{feed}}"),),
                "short",
                "SluicegateConsoleFeedBehind",
                limits=((1000, "red"),),
                span=8,
            ),
            lines(
                "Kafka or the database away",
                "For how long a feed has got no answer. Normal is 0; /readyz of the console says which of them it is.",
                (("max by (feed) (sluicegate_console_feed_away_seconds)", "{{feed}}"),),
                "s",
                "SluicegateConsoleFeedBehind",
                limits=((120, "red"),),
                span=8,
            ),
            lines(
                "Records refused",
                "Since the start: those that could not be entered. Normal is 0; the console's log names each.",
                (("max by (feed) (sluicegate_console_feed_refused_records)", "{{feed}}"),),
                "short",
                "SluicegateConsoleFeedBehind",
                limits=((1, "orange"),),
                span=8,
            ),
        ),
        "Verdicts on their way": (
            lines(
                "Verdicts in the outbox",
                "They wait some seconds, in which they can be taken back. Growth means that Kafka does not take them.",
                (("max(sluicegate_console_outbox_verdicts)", "verdicts"),),
                "short",
                "SluicegateOutboxGrowing",
                span=12,
            ),
            lines(
                "Waiting, and publisher away",
                "Age of the oldest verdict that could have left, and for how long none left although it should.",
                (
                    ("max(sluicegate_console_outbox_oldest_seconds)", "oldest"),
                    ("max(sluicegate_console_publisher_away_seconds)", "away"),
                ),
                "s",
                "SluicegateOutboxGrowing",
                limits=((300, "red"),),
                span=12,
            ),
        ),
        "Pages": (
            lines(
                "Time until an answer begins, p50 and p99",
                """By page. The queue and an alert are to open at once; slow ones mean a slow database or a busy
                machine.""",
                (
                    (
                        """histogram_quantile(0.5, sum by (le, page)
                        (rate(sluicegate_console_request_seconds_bucket{page=~"$page"}[$__rate_interval]))) >= 0""",
                        "{{page}} p50",
                    ),
                    (
                        """histogram_quantile(0.99, sum by (le, page)
                        (rate(sluicegate_console_request_seconds_bucket{page=~"$page"}[$__rate_interval]))) >= 0""",
                        "{{page}} p99",
                    ),
                ),
                "s",
                "SluicegateConsoleDown",
                logarithmic=True,
            ),
            lines(
                "Requests",
                "By page. Follows working hours; a wall of one page is a program that asks too often.",
                (
                    (
                        """sum by (page)
                        (rate(sluicegate_console_request_seconds_count{page=~"$page"}[$__rate_interval]))""",
                        "{{page}}",
                    ),
                ),
                "reqps",
                "SluicegateConsoleDown",
                stacked=True,
            ),
        ),
    },
)
