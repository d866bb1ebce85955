"""A seeded, endless, realistic stream of payroll and vendor payments, with schemes hidden in it.

`stream.Generator` is the way in. A tenant (`tenants`) has people and suppliers (`payees`); `payroll`, `payables` and
`activity` plan what ordinarily happens on a day, `schemes/` what should be found, `verdicts` what is decided on it.
Nothing here reads a clock, a file or Kafka. A new scheme is a new file in `schemes/`.
"""
