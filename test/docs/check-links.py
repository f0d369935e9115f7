"""Fails when a relative link in a Markdown file leads nowhere."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
pages = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("examples/**/*.md")]
broken = []
for page in pages:
    text = re.sub(r"```.*?```|`[^`\n]*`", "code", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path) if path else page
        if not goal.exists():
            broken.append(f"{page.relative_to(root)}: {target}")
        elif anchor and goal.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", goal.read_text(), flags=re.M)
            names = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
            if anchor not in names:
                broken.append(f"{page.relative_to(root)}: {target}: no such heading")
print(*broken, f"{len(pages)} pages, {len(broken)} broken links", sep="\n")
sys.exit(1 if broken or not pages else 0)
