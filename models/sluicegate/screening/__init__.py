"""Sanctions screening: names, wallets and identifiers against compiled lists. Pure, no I/O."""
