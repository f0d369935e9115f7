//===- Verdicts.h - What became of each loop and each load, and why *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner says of every loop, and of every load in a loop, that it was pipelined and how deep, or that it was left alone, why,
// and what to change. It says so through MLIR's remarks (category "pipeline"), so that `tile-opt --remarks-filter` shows them;
// `VerdictCollector` keeps them as data for the report.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_VERDICTS_H
#define TILE_PIPELINE_VERDICTS_H

#include <mlir/IR/Location.h>
#include <mlir/IR/Remarks.h>

#include <string>
#include <vector>

namespace tile::pipeline {

/// The category of all verdicts.
inline constexpr llvm::StringLiteral kVerdictCategory = "pipeline";

/// A verdict as data.
struct Verdict {
  /// Whether the loop or load was pipelined.
  bool pipelined = false;
  /// "kernel", "loop", "load", "store" or "dot".
  std::string subject;
  /// Where it stands.
  std::string file;
  unsigned line = 0, column = 0;
  /// What was done, or why nothing was.
  std::string text;
  /// What to change; empty when nothing is to be gained.
  std::string suggestion;
};

/// A sentence for people: "matmul.tile:9:3: load: pipelined: 3 buffers, issued 2 iterations ahead".
std::string render(const Verdict &verdict);

/// Says that a loop or load was pipelined. `text` says how: "3 buffers, issued 2 iterations ahead".
void reportPipelined(mlir::Location loc, llvm::StringRef subject, const llvm::Twine &text);
/// Says that a loop or load was left alone.
void reportRefused(mlir::Location loc, llvm::StringRef subject, const llvm::Twine &reason,
                   const llvm::Twine &suggestion = "");

/// Makes a context keep its verdicts: they are appended to `verdicts`, which outlives the context.
void collectVerdicts(mlir::MLIRContext &context, std::vector<Verdict> &verdicts);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_VERDICTS_H
