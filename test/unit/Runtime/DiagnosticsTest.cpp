//===- DiagnosticsTest.cpp - How diagnostics are collected and shown ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Diagnostics.h"

#include <mlir/IR/MLIRContext.h>

#include <gtest/gtest.h>

using namespace tile;

static Diagnostic at(unsigned line, unsigned column, const char *message) {
  Diagnostic result;
  result.file = "k.tile";
  result.line = line;
  result.column = column;
  result.message = message;
  return result;
}

TEST(DiagnosticsTest, ShowsTheLineAndACaret) {
  Sources sources;
  sources["k.tile"] = "first\n\tlet x = y;\r\nlast";
  EXPECT_EQ(render(at(2, 10, "unknown name 'y'"), sources),
            "k.tile:2:10: error: unknown name 'y'\n let x = y;\n         ^");
}

TEST(DiagnosticsTest, ShowsNotesBelow) {
  Sources sources;
  sources["k.tile"] = "a\nb";
  Diagnostic diagnostic = at(1, 1, "redefined");
  diagnostic.notes.push_back(at(2, 1, "it is defined here"));
  diagnostic.notes.back().severity = Severity::Note;
  EXPECT_EQ(render(diagnostic, sources),
            "k.tile:1:1: error: redefined\na\n^\nk.tile:2:1: note: it is defined here\nb\n^");
}

TEST(DiagnosticsTest, ShowsPartOfALongLine) {
  Sources sources;
  sources["k.tile"] = std::string(5'000'000, 'x') + "y" + std::string(5'000'000, 'z');
  std::string text = render(at(1, 5'000'001, "too long"), sources);
  EXPECT_LT(text.size(), 500u);
  std::size_t line = text.find('\n') + 1, caret = text.find('\n', line) + 1;
  EXPECT_EQ(text[line + (text.find('^') - caret)], 'y');
}

TEST(DiagnosticsTest, ShowsNoBytesThatATerminalActsOn) {
  Sources sources;
  sources["k.tile"] = std::string("\x1b[31m\0\xff\xfe bad", 12);
  EXPECT_EQ(render(at(1, 5, "stray byte"), sources), "k.tile:1:5: error: stray byte\n.[31m... bad\n    ^");
}

TEST(DiagnosticsTest, PlacesOutsideTheSourceShowNoMoreThanThemselves) {
  Sources sources;
  sources["k.tile"] = "";
  EXPECT_EQ(render(at(7, 3, "end"), sources), "k.tile:7:3: error: end\n\n^");
}

TEST(DiagnosticsTest, CollectsWithNotesAndCallers) {
  mlir::MLIRContext context;
  auto place = [&](unsigned line) { return mlir::FileLineColLoc::get(&context, "k.tile", line, 1); };
  DiagnosticCollector collector(&context);
  EXPECT_FALSE(collector.hasErrors());
  mlir::emitWarning(place(1)) << "careful";
  EXPECT_FALSE(collector.hasErrors());
  mlir::emitError(mlir::CallSiteLoc::get(place(2), place(3))).append("wrong").attachNote(place(4)) << "here";
  ASSERT_TRUE(collector.hasErrors());
  try {
    collector.raise(Sources(), "unused");
  } catch (const Error &error) {
    ASSERT_EQ(error.diagnostics().size(), 2u);
    EXPECT_EQ(error.diagnostics()[0].severity, Severity::Warning);
    const Diagnostic &wrong = error.diagnostics()[1];
    EXPECT_EQ(wrong.line, 2u);
    ASSERT_EQ(wrong.notes.size(), 2u);
    EXPECT_EQ(wrong.notes[0].message, "called from here");
    EXPECT_EQ(wrong.notes[0].line, 3u);
    EXPECT_EQ(wrong.notes[1].message, "here");
    EXPECT_STREQ(error.what(),
                 "k.tile:1:1: warning: careful\nk.tile:2:1: error: wrong\nk.tile:3:1: note: called from here\n"
                 "k.tile:4:1: note: here");
  }
}
