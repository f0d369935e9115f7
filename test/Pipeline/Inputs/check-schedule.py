"""Checks schedules that tilec wrote, by what must hold of any: check-schedule.py FILE.json|FILE.svg…

Of JSON: a slot has one tenant at a time, nothing is read before it has landed, a unit does one thing at a time, an iteration starts
every II cycles, as the plan says. Of SVG: it is XML, refers to nothing outside itself, runs nothing, and lies inside its own view.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def check_loop(loop):
    by_slot, by_unit = {}, {}
    for tenant in loop["slots"]:
        assert tenant["issued"] < tenant["landed"] <= tenant["read"] <= tenant["released"], tenant
        by_slot.setdefault((tenant["load"], tenant["slot"]), []).append(tenant)
    for tenants in by_slot.values():
        tenants.sort(key=lambda tenant: tenant["iteration"])
        for before, after in zip(tenants, tenants[1:]):
            assert before["released"] <= after["issued"], (before, after)
    for event in loop["events"]:
        assert event["start"] <= event["unit"][0] <= event["unit"][1] <= event["done"], event
        by_unit.setdefault(loop["groups"][event["group"]]["unit"], []).append(event["unit"])
    for spans in by_unit.values():
        spans.sort()
        for before, after in zip(spans, spans[1:]):
            assert before[1] <= after[0], (before, after)
    parts = loop["parts"]
    assert parts["prologue"][1] == parts["steady"][0] <= parts["steady"][1] == parts["tail"][0] <= parts["tail"][1], parts
    assert parts["tail"][1] == sum(step["cycles"] for step in loop["steps"])
    assert abs(loop["interval"] - loop["ii"]) <= 0.03 * loop["ii"], (loop["interval"], loop["ii"])


def check_svg(path):
    root = ElementTree.parse(path).getroot()
    assert root.tag == SVG + "svg", root.tag
    width, height = (float(number) for number in root.get("viewBox").split()[2:])
    assert width <= 960
    for element in root.iter():
        assert element.tag not in (SVG + "script", SVG + "image", SVG + "foreignObject"), element.tag
        assert not any("href" in name or name.startswith("on") for name in element.keys()), element.attrib
        if element.tag == SVG + "rect" and element.get("x"):
            x, y, w, h = (float(element.get(name)) for name in ("x", "y", "width", "height"))
            assert 0 <= x and x + w <= width and 0 <= y and y + h <= height, element.attrib
        if element.tag == SVG + "text":
            # No letter is narrower than this on an average.
            x, least = float(element.get("x")), 4.5 * len(element.text)
            x -= {"end": least, "middle": least / 2}.get(element.get("text-anchor"), 0)
            assert 0 <= x and x + least <= width and 0 <= float(element.get("y")) <= height, (element.attrib, element.text)
        if element.tag == SVG + "style":
            assert "@import" not in element.text and "url(" not in element.text


for path in sys.argv[1:]:
    if path.endswith(".svg"):
        check_svg(path)
        continue
    with open(path) as file:
        schedule = json.load(file)
    assert schedule["loops"]
    for loop in schedule["loops"]:
        check_loop(loop)
