"""Reads what tile-bench --timeline wrote: check-trace.py FILE.json STAGES ITERATIONS fails unless each program's copies, waits and products are
in an order that is possible, and copies run as far ahead as that many stages let them. ITERATIONS may be `some`: as many as each program has."""

import collections
import json
import sys

trace = json.load(open(sys.argv[1]))
stages, wanted = int(sys.argv[2]), sys.argv[3]
names, spans = {}, collections.defaultdict(list)
for event in trace["traceEvents"]:
    if event["ph"] == "M":
        names[event["pid"], event.get("tid"), event["name"]] = event["args"]
        continue
    assert event["ph"] == "X" and event["dur"] >= 0 and event["ts"] >= 0, event
    spans[event["pid"], event["tid"], event["name"]].append(
        (event["ts"], event["ts"] + event["dur"], event["args"]["iteration"]))
assert spans, "no events"
processes = sorted({pid for pid, _, _ in spans})
slack = 1e-6  # what is lost by writing microseconds


def spans_of(pid, name):
    """By iteration, the spans of all threads of a program."""
    found = collections.defaultdict(list)
    for (owner, _, what), list_ in spans.items():
        if owner == pid and what == name:
            for begin, end, iteration in list_:
                found[iteration].append((begin, end))
    return found


for pid in processes:
    assert (pid, None, "process_name") in names, pid
    for (owner, tid, name), list_ in spans.items():
        if owner != pid:
            continue
        assert (pid, tid, "thread_name") in names, (pid, tid)
        order = [iteration for _, _, iteration in sorted(list_)]
        assert order == sorted(order), f"program {pid}, thread {tid}: {name} in the order {order}"
        for (_, end, _), (begin, _, _) in zip(sorted(list_), sorted(list_)[1:]):
            assert begin >= end - slack, f"program {pid}, thread {tid}: {name} overlaps itself"
    work, waits, flights = spans_of(pid, "compute"), spans_of(pid, "wait for data"), spans_of(pid, "in flight")
    if stages == 1:
        assert not flights, "a loop of one stage has no slots"
        flights = waits
    iterations = len(work) if wanted == "some" else int(wanted)
    assert iterations and sorted(work) == list(range(iterations)), sorted(work)
    assert sorted(flights) == list(range(iterations)), sorted(flights)
    for i in range(iterations):
        issue = min(begin for begin, _ in flights[i])
        arrivals = [end for _, end in waits[i]]
        assert min(arrivals) >= issue - slack, f"program {pid}: iteration {i} has its data before it was issued"
        assert min(begin for begin, _ in work[i]) >= min(arrivals) - slack, f"program {pid}: iteration {i} computes too early"
        later = i + stages - 1
        if stages > 1 and later < iterations:
            ahead = min(begin for begin, _ in flights[later])
            assert ahead <= max(end for _, end in work[i]), f"program {pid}: iteration {later} is issued after {i} was computed"
    slots = [key for key in spans if key[0] == pid and key[2] == "in flight"]
    assert len(slots) == (min(stages, iterations) if stages > 1 else 0), slots
print(f"{len(processes)} programs, {wanted} iterations")
