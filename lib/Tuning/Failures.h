//===- Failures.h - What keeps a configuration from being used -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_FAILURES_H
#define TILE_LIB_TUNING_FAILURES_H

#include <exception>
#include <string>

namespace tile::tuning {

/// What an error says, in a line: its message, and which stage count would do.
std::string lineOf(const std::exception &error);

/// Whether an error is about the room that stages take.
bool isAboutRoom(const std::string &reason);

/// A relative error that is one of rounding. Throws Error for any other: such code is no use however fast it is.
double checkError(double error);

/// "2026-11-23T18:00:00Z".
std::string currentTime();

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_FAILURES_H
