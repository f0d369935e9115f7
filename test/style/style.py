"""A lit format that makes one test of each file for clang-format and one of each translation unit for clang-tidy.

clang-tidy takes seconds a file, so what passed is remembered in the build tree under a hash of everything the verdict depends
on: the tool, its configuration, the command line, and the file with the project's headers that ninja saw it include.
"""

import hashlib
import json
import os
import shlex
import subprocess

import lit.Test
import lit.util
from lit.formats.base import TestFormat

FOLDERS = ["include", "lib", "tools", "test", "examples", "bench"]
SUFFIXES = (".c", ".cpp", ".h")


class StyleFormat(TestFormat):
    def __init__(self, source, build, tools):
        self.source, self.build, self.tools = source, build, tools
        self.remembered = os.path.join(build, "test", "style", "passed")
        self.commands, self.inputs = {}, {}

    # Discovery.

    def getTestsInDirectory(self, suite, path_in_suite, lit_config, local_config):
        if path_in_suite:
            return
        self.readCompileCommands()
        self.readInputs()
        for path in sorted(self.sourceFiles()):
            yield self.makeTest(suite, local_config, "clang-format", path)
            if path in self.commands:
                yield self.makeTest(suite, local_config, "clang-tidy", path)

    def makeTest(self, suite, config, tool, path):
        return lit.Test.Test(suite, (tool,) + tuple(path.split(os.sep)), config)

    def sourceFiles(self):
        for folder in FOLDERS:
            for parent, _, names in os.walk(os.path.join(self.source, folder)):
                for name in names:
                    if name.endswith(SUFFIXES):
                        yield os.path.relpath(os.path.join(parent, name), self.source)

    def readCompileCommands(self):
        with open(os.path.join(self.build, "compile_commands.json")) as file:
            for entry in json.load(file):
                path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), self.source)
                self.commands[path] = entry["command"]

    def readInputs(self):
        """What each translation unit includes, from ninja's log of dependencies."""
        log = subprocess.run(["ninja", "-C", self.build, "-t", "deps"], capture_output=True, text=True).stdout
        for block in log.split("\n\n"):
            lines = [line.strip() for line in block.splitlines() if line.startswith("    ")]
            paths = [os.path.relpath(os.path.join(self.build, line), self.source) for line in lines]
            # The system's headers and the precompiled one change only with the command line or the packages.
            paths = [path for path in paths if not path.startswith("..") and "cmake_pch" not in path]
            for path in paths:
                if path in self.commands:
                    self.inputs[path] = paths

    # Execution.

    def execute(self, test, lit_config):
        tool, path = test.path_in_suite[0], os.path.join(*test.path_in_suite[1:])
        return self.format(path) if tool == "clang-format" else self.tidy(path)

    def format(self, path):
        return self.runTool([os.path.join(self.tools, "clang-format"), "--dry-run", "--Werror", path])

    def tidy(self, path):
        stamp = self.stampOf(path)
        if stamp and os.path.exists(stamp):
            return lit.Test.PASS, "remembered"
        command = [os.path.join(self.tools, "clang-tidy"), "-p", self.build, "--quiet", "--warnings-as-errors=*", path]
        code, output = self.runTool(command)
        if code == lit.Test.PASS and stamp:
            os.makedirs(self.remembered, exist_ok=True)
            open(stamp, "w").close()
        return code, output

    def stampOf(self, path):
        if path not in self.inputs:
            return None
        digest = hashlib.sha256(self.commands[path].encode())
        for name in [".clang-tidy"] + self.inputs[path]:
            try:
                with open(os.path.join(self.source, name), "rb") as file:
                    digest.update(name.encode() + b"\0" + hashlib.sha256(file.read()).digest())
            except OSError:
                return None
        return os.path.join(self.remembered, digest.hexdigest())

    def runTool(self, command):
        out, err, code = lit.util.executeCommand(command, cwd=self.source)
        if code == 0:
            return lit.Test.PASS, ""
        return lit.Test.FAIL, "$ %s\n%s%s" % (shlex.join(command), out, err)
