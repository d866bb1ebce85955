"""Is it working? For whoever carries the pager, and for a look in the morning."""

from deploy.grafana.board import Board, Choice
from deploy.grafana.panels import bars, lines, number

_GOOD_30D = """
    sum(increase(sluicegate_event_age_seconds_bucket{le="2.0"}[30d]))
      / (sum(increase(sluicegate_event_age_seconds_count[30d])) > 0)"""

BOARD = Board(
    uid="sluicegate-overview",
    title="Sluicegate: overview",
    about="Is it working, is it in time, and does what it finds reach people? Details are on the other dashboards.",
    choices=(Choice("topic", "sluicegate_intake_records_total"),),
    rows={
        "Is it working?": (
            number(
                "Alerts of operations firing",
                "Normal is 0. Otherwise open Prometheus' page of alerts: each names its runbook.",
                'count(ALERTS{alertname=~"Sluicegate.*", alertstate="firing"}) or vector(0)',
                "short",
                "README",
                limits=((1, "red"),),
            ),
            number(
                "Workers that answer",
                "Normal is as many as are deployed. With none left nothing is scored, and nothing is lost.",
                'sum(up{job="sluicegate-worker"})',
                "short",
                "SluicegateWorkerDown",
                limits=((1, "green"),),
                base="red",
            ),
            number(
                "Last test payment seen",
                """Time since the canary's payment last brought its alert: normal is up to a minute or so. From five
                minutes on real schemes are not reported either.""",
                "time() - (max(sluicegate_canary_last_seen_timestamp_seconds) > 0)",
                "s",
                "SluicegateCanaryLost",
                limits=((120, "orange"), (300, "red")),
            ),
            number(
                "Longest wait in Kafka",
                """Age of the oldest record that a stage has not worked through, seen from outside the workers. Normal
                is under a second or two; a minute for five minutes wakes somebody.""",
                "max(sluicegate:lag_seconds:max)",
                "s",
                "SluicegateLagHigh",
                limits=((10, "orange"), (60, "red")),
            ),
            number(
                "Critical alerts waiting",
                "For a decision in the console. Normal is 0 most of the time: tell the analysts, not the platform.",
                'max(sluicegate_console_waiting_alerts{severity="critical"})',
                "short",
                "SluicegateCriticalWaiting",
                limits=((1, "orange"),),
            ),
            number(
                "Records not accounted for",
                "Always 0. Anything else means that an event was skipped or counted twice: keep the logs, and ask.",
                "max(abs(sluicegate_log_unaccounted_records))",
                "short",
                "SluicegateUnaccounted",
                limits=((1, "red"),),
            ),
        ),
        "In time? 99 % of events scored within 2 s": (
            bars(
                "Share scored within 2 s",
                """The objective is 99 % over 30 days. What is shown for 30 days is as much of them as Prometheus
                keeps (15 days unless it is told otherwise).""",
                f"""
                label_replace({_GOOD_30D}, "over", "30 days", "", "")
                or label_replace(1 - sluicegate:slow_events:ratio_rate6h, "over", "6 hours", "", "")
                or label_replace(1 - sluicegate:slow_events:ratio_rate5m, "over", "5 minutes", "", "")""",
                "{{over}}",
                "percentunit",
                "SluicegateSloBurnSlow",
                limits=((0.99, "green"),),
                base="red",
                span=6,
            ),
            lines(
                "Burn of the budget",
                """How many times faster than allowed the 1 % of late events is used up: 1 uses it in 30 days. Pages
                come at 14.4 over an hour or 6 over six hours. Look at event ages, lag and checkpoints for the
                cause.""",
                (
                    ("sluicegate:slow_events:ratio_rate5m / 0.01", "5 minutes"),
                    ("sluicegate:slow_events:ratio_rate1h / 0.01", "1 hour"),
                    ("sluicegate:slow_events:ratio_rate6h / 0.01", "6 hours"),
                ),
                "short",
                "SluicegateSloBurnFast",
                limits=((1, "yellow"), (6, "orange"), (14.4, "red")),
                span=9,
            ),
            lines(
                "From event to score, from event to alert",
                """Ages by the timestamp of the event's record. Normal is well below a second; the bound is 2 s. Gaps
                mean that nothing came. Late producers (old timestamps) show here too.""",
                (
                    ("sluicegate:event_age_seconds:p99_5m", "score p99"),
                    ("sluicegate:event_to_alert_seconds:p50_5m", "alert p50"),
                    ("sluicegate:event_to_alert_seconds:p99_5m", "alert p99"),
                ),
                "s",
                "SluicegateSloBurnFast",
                limits=((2, "red"),),
                logarithmic=True,
                span=9,
            ),
        ),
        "Flow": (
            lines(
                "Events worked through",
                """By source topic. Normal follows the customers' days and pay runs; a topic that falls to nothing while
                lag stays low means that its producer sends nothing.""",
                (('sum by (topic) (sluicegate:events:rate5m{topic=~"$topic"})', "{{topic}}"),),
                "eps",
                "SluicegateCommitsStalled",
                stacked=True,
            ),
            lines(
                "Wait in Kafka, by stage",
                """Oldest record not worked through: intake (source topics), detect (the log), shared (sightings across
                tenants). A line that climbs by a second a second is a stage that stands still.""",
                (("max by (stage) (sluicegate:lag_seconds:max)", "{{stage}}"),),
                "s",
                "SluicegateLagHigh",
                limits=((60, "red"),),
                span=6,
            ),
            lines(
                "Records waiting, by stage",
                "Normal is near 0, with hills while a pay run comes in that become smaller by themselves.",
                (("sum by (stage) (sluicegate:lag_records:sum)", "{{stage}}"),),
                "short",
                "SluicegateLagHigh",
                span=6,
            ),
            lines(
                "Dead letters",
                """Records refused, by reason. A few are normal with some producers; many of one reason at once mean
                that a producer changed its form. `sluicegate dead-letters list` shows them.""",
                (("sluicegate:dead_letters:rate5m > 0", "{{reason}}"),),
                "recps",
                "SluicegateDeadLetters",
                stacked=True,
            ),
            lines(
                "Share of records refused",
                "Dead letters in ten minutes, of what was placed. Above 1 % for five minutes somebody is woken.",
                (("sluicegate:dead_letters:ratio_rate10m", "refused"),),
                "percentunit",
                "SluicegateDeadLetters",
                limits=((0.01, "red"),),
                span=6,
            ),
            lines(
                "Test payments",
                """Time from sending the canary's payment to reading its alert, p95 of an hour, and payments lost in 15
                minutes. Normal is a fraction of a second, and 0 lost.""",
                (
                    ("sluicegate:canary_seconds:p95_1h", "p95"),
                    ("sum(increase(sluicegate_canary_lost_total[15m]))", "lost (number)"),
                ),
                "s",
                "SluicegateCanaryLost",
                limits=((2, "orange"),),
                span=6,
            ),
        ),
        "Alerts about payments": (
            lines(
                "New alerts, by severity",
                "None at all for hours, while events come, is a fault too. A wall of new alerts is often one new feed.",
                (('sum by (severity) (sluicegate:alerts:rate5m{activity="create"}) * 60', "{{severity}}"),),
                "cpm",
                "SluicegateDetectorSilent",
                stacked=True,
                span=8,
            ),
            lines(
                "New alerts, by family",
                "What kind of trouble. One family that jumps points to one rule, or to one kind of feed.",
                (('sum by (family) (sluicegate:alerts:rate5m{activity="create"}) * 60', "{{family}}"),),
                "cpm",
                "SluicegateRuleTripped",
                stacked=True,
                span=8,
            ),
            bars(
                "Age of sanctions lists",
                "Since the version in force was published. `sluicegate lists update` is to run daily.",
                "sluicegate:list_age_seconds:max",
                "{{list}}",
                "s",
                "SluicegateListOld",
                limits=((3 * 86400, "yellow"), (14 * 86400, "orange")),
                span=8,
            ),
        ),
    },
)
