"""Prints how many tests of each suite passed, from lit's JSON, and the total on the last line. Fails when a test failed."""

import collections
import json
import sys

PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
UNCOUNTED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}

try:
    with open(sys.argv[1]) as file:
        tests = json.load(file)["tests"]
except (OSError, ValueError) as error:
    print(f"no test results: {error}")
    print("0 passed, 1 failed")
    sys.exit(1)

suites = collections.defaultdict(lambda: [0, 0, 0, 0.0])
for test in tests:
    suite = suites[test["name"].split(" :: ")[0]]
    suite[2 if test["code"] in UNCOUNTED else 0 if test["code"] in PASSED else 1] += 1
    suite[3] += test["elapsed"] or 0

for name, (passed, failed, skipped, seconds) in sorted(suites.items()):
    print(f"{name:12} {passed:5} passed {failed:3} failed {skipped:3} not for this machine {seconds:7.1f} s")

passed, failed, _, _ = [sum(column) for column in zip(*suites.values())] or [0, 0, 0, 0]
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
