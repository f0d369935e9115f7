"""Feeds each `mlir` example of a Markdown file to tile-opt and fails when one doesn't parse and verify.

An example is a fragment: it uses values that it doesn't define. Each of those gets a definition in front, at first of the wrong
type; the parser's complaint names the right one.
"""

import re
import subprocess
import sys

PHASES = ["<tile>", '<bound>, target = "cpu"', '<planned>, target = "cpu"', '<pipelined>, target = "cpu"', '<pipelined>, target = "sm_90a", persistent',
          '<placed>, target = "sm_80", num_warps = 4', '<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0']
WRONG_TYPE = re.compile(r"use of value '(%[\w]+)' expects different type than prior uses: '(.*)' vs '(.*)'")


def examples(path):
    """Pairs of a heading and an example below it."""
    heading, lines = "", None
    for line in open(path):
        if line.startswith("#"):
            heading = line.strip("# \n")
        if line.strip() == "```mlir":
            lines = []
        elif line.strip() == "```" and lines is not None:
            yield heading, "".join(lines)
            lines = None
        elif lines is not None:
            lines.append(line)


def complaint(source):
    result = subprocess.run(["tile-opt", "--allow-unregistered-dialect", "-"], input=source, capture_output=True, text=True)
    return None if result.returncode == 0 else result.stderr or "tile-opt died"


def undefined(example):
    """The values that an example uses without defining them."""
    code = re.sub(r"//.*", "", example)
    defined = set()
    for line in code.splitlines():
        left = re.match(r"\s*((?:%\w+(?::\d+)?\s*,\s*)*%\w+(?::\d+)?)\s*=", line)
        if left:
            defined |= set(re.findall(r"%\w+", left.group(1)))
    defined |= set(re.findall(r"(%\w+)\s*=", code)) | set(re.findall(r"(%\w+)\s*:", "".join(re.findall(r"@\w+\((.*)", code))))
    return [name for name in dict.fromkeys(re.findall(r"%[A-Za-z_]\w*", code)) if name not in defined]


def parse(example):
    """None when the example is fine in some phase, otherwise the complaint about it."""
    if "tile.kernel" in example:
        return complaint(example)
    # Attributes and types stand alone.
    if not re.match(r"\s*(%.* = )?[a-z_]+\.\w+", example):
        values = [line.strip() for line in example.splitlines() if line.strip()]
        return complaint("".join(f'"test.op"() {{value = {value}}} : () -> ()\n' for value in values))

    types = {name: "none" for name in undefined(example)}
    complaints = {}
    for phase in PHASES:
        for _ in range(2 * len(types) + 1):
            # Views are arguments, and nothing else gives one.
            views = {name: type for name, type in types.items() if type.startswith("!tile.view")}
            arguments = ", ".join(f"{name}: {type} {{tile.access = #tile.access<inout>}}" for name, type in views.items())
            definitions = "".join(f'{name} = "test.value"() : () -> {type}\n' for name, type in types.items() if name not in views)
            source = f"tile.kernel @example({arguments}) attributes {{phase = #tile.phase{phase}}} {{\n{definitions}{example}\ntile.return\n}}\n"
            found = complaint(source)
            wrong = WRONG_TYPE.search(found) if found else None
            if not wrong or types.get(wrong.group(1)) == wrong.group(2):
                break
            types[wrong.group(1)] = wrong.group(2)
        if not found:
            return None
        complaints[phase] = found
    return "\n".join(f"{phase}: {found}" for phase, found in complaints.items())


def main():
    count = failed = 0
    for heading, example in examples(sys.argv[1]):
        count += 1
        found = parse(example)
        if found:
            failed += 1
            print(f"{heading}:\n{example}\n{found}\n")
    print(f"{count} examples, {failed} failed")
    sys.exit(1 if failed or not count else 0)


main()
