"""Reads what tile-bench wrote: check-bench.py FILE.json EXPRESSION... fails unless every expression holds, in which `d` is the document,
`rows` its rows, and `ok` those that were measured."""

import json
import sys

d = json.load(open(sys.argv[1]))
rows = d["rows"]
ok = [row for row in rows if row["status"] == "ok"]
for expression in sys.argv[2:]:
    if not eval(expression):
        sys.exit(f"not so: {expression}\n{json.dumps({**d, 'phases': list(d['phases'])}, indent=1)}")
