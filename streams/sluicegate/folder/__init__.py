"""A folder that is watched: payment files that come into it become events."""
