//===- CommandLine.h - Reads the command line of a tool ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TOOLS_COMMANDLINE_H
#define TILE_TOOLS_COMMANDLINE_H

#include "Output.h"
#include "tile/Error.h"
#include "tile/Version.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/Support/raw_ostream.h>

namespace tile::tools {

/// The words behind a tool's name, one after the other.
class CommandLine {
public:
  CommandLine(llvm::StringRef tool, llvm::StringRef usage, llvm::ArrayRef<char *> words)
      : tool(tool), usage(usage), words(words) {}

  /// Has each word applied, and at the end all of them checked; both throw Error for what is wrong. Gives the exit status when there is
  /// nothing more to do.
  std::optional<int> parse(llvm::function_ref<void(llvm::StringRef)> apply, llvm::function_ref<void()> check) {
    // What a value should have been is said by those who read it.
    try {
      while (next < words.size()) {
        llvm::StringRef word = words[next++];
        if (word == "--help" || word == "-h") {
          return print(usage.str());
        }
        if (word == "--version") {
          return print(tool.str() + " " + version() + "\n");
        }
        apply(word);
      }
      check();
    } catch (const Error &error) {
      llvm::errs() << tool << ": " << error.diagnostics().front().message << "\n(" << tool
                   << " --help lists the options)\n";
      constexpr int kBadUsage = 2;
      return kBadUsage;
    }
    return std::nullopt;
  }

  /// Whether `word` is the option, as `--name VALUE`, `--name=VALUE` or `-DVALUE`; takes its value. Throws when there is none.
  bool take(llvm::StringRef word, llvm::StringRef name, std::string &value) {
    if (word == name) {
      if (next == words.size())
        throw Error("'" + name.str() + "' needs a value");
      value = words[next++];
    } else if (name == "-D" ? word.consume_front(name)
                            : name.starts_with("--") && word.consume_front((name + "=").str())) {
      value = word;
    } else {
      return false;
    }
    if (value.empty())
      throw Error("'" + name.str() + "' needs a value");
    return true;
  }

  /// The value of an option that takes a number from 1 on.
  static std::int64_t number(llvm::StringRef option, llvm::StringRef value, std::int64_t most) {
    std::int64_t number = 0;
    if (value.getAsInteger(10, number) || number < 1 || number > most)
      throw Error("'" + option.str() + "' takes a number from 1 to " + std::to_string(most) + ", not '" + value.str() +
                  "'");
    return number;
  }

  /// Takes a word that is no option for the one input.
  static void takeInput(llvm::StringRef word, std::string &input) {
    if (!input.empty())
      throw Error("two inputs, '" + input + "' and '" + word.str() + "'");
    if (word.empty())
      throw Error("an empty file name");
    input = word;
  }

  /// The word behind this one; empty at the end.
  llvm::StringRef peek() const { return next < words.size() ? llvm::StringRef(words[next]) : ""; }
  llvm::StringRef pop() { return words[next++]; }

private:
  /// The exit status.
  static int print(const std::string &text) {
    try {
      writeStandardOutput(text);
      return 0;
    } catch (const Error &error) {
      llvm::errs() << error.what() << "\n";
      return 1;
    }
  }

  llvm::StringRef tool, usage;
  llvm::ArrayRef<char *> words;
  std::size_t next = 0;
};

} // namespace tile::tools

#endif // TILE_TOOLS_COMMANDLINE_H
