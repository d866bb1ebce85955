"""One module per command: `command` is the click command, named as the module (with hyphens).

A module is imported to show its help, so what is slow to import (Kafka, Faust, detection) is imported where it is used.
"""
