"""The command `sluicegate`. Each module of `commands` is one command; a new file there is found by itself."""
