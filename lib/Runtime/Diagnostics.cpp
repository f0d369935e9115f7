//===- Diagnostics.cpp - MLIR's diagnostics as the public API's ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The caret is drawn here and not by llvm::SourceMgr, because a source may be anything: a line of ten megabytes is shown in
/// part, and bytes that a terminal would act on are shown as dots.
///
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Diagnostics.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/Unicode.h>
#include <llvm/Support/raw_ostream.h>

namespace tile {

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

/// The locations from the innermost outwards: where it stands, then where the functions around it were called.
static void callStack(mlir::Location location, llvm::SmallVectorImpl<mlir::FileLineColLoc> &stack) {
  if (auto call = llvm::dyn_cast<mlir::CallSiteLoc>(location)) {
    callStack(call.getCallee(), stack);
    callStack(call.getCaller(), stack);
  } else if (auto fused = llvm::dyn_cast<mlir::FusedLoc>(location)) {
    if (!fused.getLocations().empty())
      callStack(fused.getLocations().front(), stack);
  } else if (auto name = llvm::dyn_cast<mlir::NameLoc>(location)) {
    callStack(name.getChildLoc(), stack);
  } else if (auto place = llvm::dyn_cast<mlir::FileLineColLoc>(location)) {
    stack.push_back(place);
  }
}

static Location place(mlir::FileLineColLoc location) {
  return {location.getFilename().str(), location.getLine(), location.getColumn()};
}

Location locationOf(mlir::Location location) {
  llvm::SmallVector<mlir::FileLineColLoc> stack;
  callStack(location, stack);
  return stack.empty() ? Location() : place(stack.front());
}

static Diagnostic make(Severity severity, const Location &location, std::string message) {
  Diagnostic result;
  result.severity = severity;
  result.file = location.file;
  result.line = location.line;
  result.column = location.column;
  result.message = std::move(message);
  return result;
}

static Diagnostic convert(mlir::Diagnostic &diagnostic) {
  Severity severity = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error     ? Severity::Error
                      : diagnostic.getSeverity() == mlir::DiagnosticSeverity::Warning ? Severity::Warning
                                                                                      : Severity::Note;
  llvm::SmallVector<mlir::FileLineColLoc> stack;
  callStack(diagnostic.getLocation(), stack);
  Diagnostic result = make(severity, stack.empty() ? Location() : place(stack.front()), diagnostic.str());
  for (mlir::FileLineColLoc caller : llvm::ArrayRef(stack).drop_front(stack.empty() ? 0 : 1))
    result.notes.push_back(make(Severity::Note, place(caller), "called from here"));
  for (mlir::Diagnostic &note : diagnostic.getNotes())
    result.notes.push_back(convert(note));
  return result;
}

DiagnosticCollector::DiagnosticCollector(mlir::MLIRContext *context)
    : handler(context, [this](mlir::Diagnostic &diagnostic) {
        found.push_back(convert(diagnostic));
        return mlir::success();
      }) {}

bool DiagnosticCollector::hasErrors() const {
  return llvm::any_of(found, [](const Diagnostic &diagnostic) { return diagnostic.severity == Severity::Error; });
}

void DiagnosticCollector::raise(const Sources &sources, llvm::StringRef fallback) {
  if (!hasErrors())
    found.push_back(make(Severity::Error, {}, fallback.str()));
  std::string text = render(found, sources);
  throw Error(text, std::move(found));
}

//===----------------------------------------------------------------------===//
// Rendering
//===----------------------------------------------------------------------===//

llvm::StringRef lineOf(llvm::StringRef text, unsigned number) {
  for (unsigned line = 1; line < number; ++line) {
    std::size_t end = text.find('\n');
    if (end == llvm::StringRef::npos)
      return {};
    text = text.drop_front(end + 1);
  }
  return text.take_until([](char c) { return c == '\n' || c == '\r'; });
}

/// The line and a caret under a column.
static void renderLine(llvm::raw_ostream &out, llvm::StringRef line, unsigned column) {
  constexpr std::size_t width = 160;
  std::size_t at = std::min<std::size_t>(column ? column - 1 : 0, line.size());
  std::size_t begin = line.size() > width && at > width / 2 ? at - width / 2 : 0;
  // Not inside a character of several bytes.
  auto isContinuation = [&](std::size_t i) {
    return i < line.size() && (static_cast<unsigned char>(line[i]) & 0xc0) == 0x80;
  };
  while (isContinuation(begin))
    ++begin;
  std::size_t end = std::min(line.size(), begin + width);
  while (isContinuation(end))
    ++end;
  auto visible = [](llvm::StringRef piece) {
    std::string text;
    for (char c : piece)
      text += c == '\t' ? ' ' : static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '.' : c;
    // What isn't text at all is shown byte for byte.
    if (llvm::sys::unicode::columnWidthUTF8(text) < 0)
      for (char &c : text)
        if (static_cast<unsigned char>(c) >= 0x80)
          c = '.';
    return text;
  };
  llvm::StringRef dots = begin > 0 ? "..." : "";
  std::string before = visible(line.slice(begin, std::max(at, begin)));
  int columns = llvm::sys::unicode::columnWidthUTF8(before);
  out << dots << before << visible(line.slice(std::max(at, begin), end)) << (end < line.size() ? "..." : "") << '\n';
  out.indent(dots.size() + (columns < 0 ? before.size() : columns)) << "^\n";
}

static void renderOne(llvm::raw_ostream &out, const Diagnostic &diagnostic, const Sources &sources) {
  if (!diagnostic.file.empty())
    out << diagnostic.file << ':' << diagnostic.line << ':' << diagnostic.column << ": ";
  out << (diagnostic.severity == Severity::Error     ? "error: "
          : diagnostic.severity == Severity::Warning ? "warning: "
                                                     : "note: ")
      << diagnostic.message << '\n';
  if (auto source = sources.find(diagnostic.file); source != sources.end() && diagnostic.line)
    renderLine(out, lineOf(source->second, diagnostic.line), diagnostic.column);
  for (const Diagnostic &note : diagnostic.notes)
    renderOne(out, note, sources);
}

std::string render(llvm::ArrayRef<Diagnostic> diagnostics, const Sources &sources) {
  std::string text;
  llvm::raw_string_ostream out(text);
  for (const Diagnostic &diagnostic : diagnostics)
    renderOne(out, diagnostic, sources);
  if (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

} // namespace tile
