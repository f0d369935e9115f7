//===- tile-bench.cpp - Measures what pipelining brings a kernel ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Output.h"
#include "Options.h"
#include "tile/Error.h"
#include "tile/Export.h"
#include "tile/Tuning/ReportPage.h"
#include "tile/Tuning/Timeline.h"

#include <llvm/Support/FileSystem.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Path.h>
#include <llvm/Support/Process.h>
#include <llvm/Support/raw_ostream.h>

#include <csignal>
#include <ctime>

using namespace tile;
using namespace tile::bench;

/// Set by Ctrl-C.
static std::atomic<bool> stopped = false;

/// One Ctrl-C ends the measuring, another one the process. What comes at once with the first is the same: some who pass it on send it to
/// the process and to its group.
static void stop(int) {
  static std::atomic<double> first = 0;
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  constexpr double kNano = 1e-9, kAtOnce = 0.2;
  double now = static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * kNano;
  if (!stopped) {
    first = now;
    stopped = true;
  } else if (now - first > kAtOnce) {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
}

/// Throws unless a file can be written there: better now than after an hour.
static void checkWritable(const std::string &path) {
  if (path.empty() || tools::isStandardOutput(path))
    return;
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  std::error_code error;
  if (llvm::sys::fs::is_directory(path))
    error = std::make_error_code(std::errc::is_a_directory);
  else if (llvm::sys::fs::exists(path))
    error = llvm::sys::fs::access(path, llvm::sys::fs::AccessMode::Write);
  else if (!llvm::sys::fs::is_directory(folder.empty() ? "." : folder))
    error = std::make_error_code(std::errc::no_such_file_or_directory);
  else
    error = llvm::sys::fs::access(folder.empty() ? "." : folder, llvm::sys::fs::AccessMode::Write);
  if (error)
    throw Error("cannot write '" + path + "': " + error.message());
}

static std::string pageOf(const llvm::json::Object &document) {
  std::string page;
  llvm::raw_string_ostream out(page);
  tuning::writeReport(document, out);
  return page;
}

/// The page of what was measured earlier. Throws where there is nothing of the kind.
static std::string pageFrom(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    throw Error("cannot read '" + path + "': " + buffer.getError().message());
  llvm::Expected<llvm::json::Value> document = llvm::json::parse((*buffer)->getBuffer());
  if (!document)
    throw Error("'" + path + "' is no JSON: " + llvm::toString(document.takeError()));
  const llvm::json::Object *object = document->getAsObject();
  if (!object || !object->getArray("rows"))
    throw Error("'" + path + "' is nothing that tile-bench --json wrote: it has no rows");
  return pageOf(*object);
}

/// What is going on, in one line of a terminal that the next one replaces; nothing in a pipe.
static void showProgress(const std::string &text) {
  if (!llvm::sys::Process::StandardErrIsDisplayed())
    return;
  llvm::errs() << "\r\x1b[K" << text;
  llvm::errs().flush();
}

/// A command line that can be pasted.
static std::string commandOf(llvm::ArrayRef<char *> words) {
  std::string command = "tile-bench";
  for (llvm::StringRef word : words)
    command +=
        word.find_first_of(" \t'\"$&|;<>()*?[]") == llvm::StringRef::npos ? " " + word.str() : " '" + word.str() + "'";
  return command;
}

/// Writes what was found to wherever it was asked for. One place that fails, which is said, takes nothing from the others.
static bool writeAll(const Options &options, const tuning::Experiment &found) {
  bool all = true;
  auto write = [&](const std::string &path, llvm::function_ref<std::string()> text) {
    try {
      if (!path.empty())
        tools::write(path, text());
    } catch (const Error &error) {
      llvm::errs() << error.what() << "\n";
      all = false;
    }
  };
  write("-",
        [&] { return tuning::toTable(found) + (found.timeline ? "\n" + found.timeline->text + "\n" : std::string()); });
  if (found.timeline)
    write(options.timeline, [&] { return tuning::chromeTrace(*found.timeline, found.kernel); });
  llvm::json::Value document = tuning::toJSON(found);
  write(options.json, [&] { return llvm::formatv("{0:2}\n", document).str(); });
  write(options.csv, [&] { return tuning::toCSV(found); });
  write(options.report, [&] { return pageOf(*document.getAsObject()); });
  return all;
}

extern "C" TILE_API int tile_bench_main(int argc, char **argv) {
  llvm::ArrayRef<char *> words = llvm::ArrayRef(argv, argc).drop_front(argc ? 1 : 0);
  Options options;
  if (std::optional<int> status = parse(words, options))
    return *status;
  try {
    for (const std::string &path : {options.json, options.csv, options.report, options.timeline})
      checkWritable(path);
    if (!options.from.empty()) {
      tools::write(options.report, pageFrom(options.from));
      return 0;
    }
    auto buffer = llvm::MemoryBuffer::getFile(options.input, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!buffer)
      throw Error("cannot read '" + options.input + "': " + buffer.getError().message());
    options.request.text = (*buffer)->getBuffer();
    options.request.source = options.input;
    options.request.command = commandOf(words);
    options.request.device = findDevice(options);
    std::signal(SIGINT, stop);
    tuning::Experiment found = tuning::measure(options.request, showProgress, stopped);
    showProgress("");
    if (!writeAll(options, found))
      return 1;
    constexpr int kInterrupted = 130;
    bool any = llvm::any_of(found.rows, [](const tuning::Row &row) { return row.isMeasured(); });
    return found.interrupted ? kInterrupted : any ? 0 : 1;
  } catch (const std::exception &error) {
    showProgress("");
    llvm::errs() << error.what() << "\n";
    return 1;
  }
}
