"""A tenant's policy as a TOML file: text in, `policy.update.v1` or every fault out; and back to text."""
