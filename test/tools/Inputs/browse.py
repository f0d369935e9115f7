"""Shows a page or a picture to a browser: browse.py BROWSER FILE TEXT… Fails when the browser complains, shows next to nothing, or the text
isn't in what it made of the file."""

import os
import subprocess
import sys
import tempfile
import zlib

browser, path, words = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3:]


def browse(folder, *options):
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--disable-extensions", "--enable-logging=stderr", "--user-data-dir=" + folder, *options, "file://" + path]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    complaints = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    assert not complaints, complaints
    return result.stdout


def colours(png):
    """How many different bytes there are per picture row, at most: 1 or 2 in a picture of nothing."""
    data, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at:at + 4], "big")
        if png[at + 4:at + 8] == b"IDAT":
            data += png[at + 8:at + 8 + size]
        at += size + 12
    rows = zlib.decompress(data)
    width = int.from_bytes(png[16:20], "big")
    stride = 1 + width * (4 if png[25] == 6 else 3)
    return max(len(set(rows[row:row + stride])) for row in range(0, len(rows), stride))


with tempfile.TemporaryDirectory() as folder:
    shown = browse(folder, "--dump-dom")
    for word in words:
        assert word in shown, word
    for colour in ("light", "dark"):
        picture = os.path.join(folder, colour + ".png")
        scheme = ["--blink-settings=preferredColorScheme=0"] if colour == "dark" else []
        browse(folder, "--window-size=1080,1400", "--screenshot=" + picture, *scheme)
        with open(picture, "rb") as file:
            assert colours(file.read()) > 16, colour
