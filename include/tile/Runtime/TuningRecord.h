//===- TuningRecord.h - What was measured of a kernel -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// tile::tune writes what it measures into records, one for each kernel, bucket of extents, device and driver; a launch that leaves
/// something open takes the best from there. Records are entries of the cache on the disk; where that takes none, this process has them.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_TUNINGRECORD_H
#define TILE_RUNTIME_TUNINGRECORD_H

#include "tile/Runtime/Choose.h"

#include <filesystem>
#include <optional>

namespace tile::runtime {

/// Values for what a kernel leaves open.
struct Choice {
  llvm::SmallVector<lang::ParamValue, 8> params;
  /// The stages of every loop, where no parameter says them; 0 leaves them to the planner.
  std::int64_t loopStages = 0;

  bool operator==(const Choice &) const = default;
};

/// A choice as text, "128,128,64,3,/0", and back; nothing when that isn't what the text is.
std::string pack(const Choice &choice);
std::optional<Choice> unpackChoice(llvm::StringRef text, std::size_t count);

/// What came of one choice.
struct TunedRow {
  enum class Status { Ok, DoesNotFit, Failed };

  std::string choice;
  Status status = Status::Ok;
  /// Why it isn't Ok.
  std::string reason;
  /// Of each round: seconds of a launch, and the same over those of the record's `anchor` in that round.
  std::vector<double> seconds, ratios;
  /// The relative error of its results; below 0 where there was nothing to compare with.
  double error = -1;
};

struct TuningRecord {
  /// For people.
  std::string kernel, device, date;
  /// The very extents, types and scalars that were measured: rows of others say nothing about them.
  std::string shape;
  /// What all times are compared with.
  std::string anchor;
  /// The fastest; empty when nothing was measured.
  std::string best;
  std::vector<TunedRow> rows;

  std::string toText() const;
  /// Nothing when that isn't what the text is.
  static std::optional<TuningRecord> fromText(llvm::StringRef text);
};

/// What a record is of, as a name for it: the source, the kernel and what is given of it, types and layouts, extents by powers of two, the
/// device and its driver, and this build of the library.
std::string tuningKey(const KernelRef &kernel, const KernelOptions &options, const Device &device,
                      llvm::ArrayRef<lang::Argument> arguments, llvm::StringRef target);

/// The record of a key. One that is damaged, or that somebody else could have written, is removed, with a warning on standard error.
std::optional<TuningRecord> loadTuning(llvm::StringRef key);
/// Keeps a record: on the disk, or, where that can't be, for this process.
void storeTuning(llvm::StringRef key, const TuningRecord &record);
/// Where the record is, or would be; empty without a cache on the disk.
std::filesystem::path tuningPath(llvm::StringRef key);
/// Grows with every storeTuning(): what was chosen before may not be the best any more.
std::uint64_t tuningGeneration();

/// The best of a record, if there is one and the kernel allows what it says.
std::optional<Choice> tunedChoice(const KernelRef &kernel, const KernelOptions &options, llvm::StringRef key);

} // namespace tile::runtime

#endif // TILE_RUNTIME_TUNINGRECORD_H
