//===- RuntimeDebug.h - Assertions and printing -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_RUNTIMEDEBUG_H
#define TILE_LIB_TARGET_CPU_RUNTIMEDEBUG_H

#include "Runtime.h"

namespace tile::cpu {

void assertFailed(Worker *worker, const char *message);
/// Fails unless every one of `count` bools holds.
void assertAll(Worker *worker, const char *bools, int64_t count, const char *message);

/// A line is begun, given its values in order, and printed at its end; `shape` has each extent with a space after it, and is empty for
/// a scalar. `letter` says how an element is read: see letterOf() in Printing.h.
void printBegin(Worker *worker);
void printValue(Worker *worker, const char *data, int64_t letter, int64_t elementBytes, const char *shape);
void printEnd(Worker *worker, const char *format);

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_RUNTIMEDEBUG_H
