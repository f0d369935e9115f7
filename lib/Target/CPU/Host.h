//===- Host.h - The processor that code is made for ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_HOST_H
#define TILE_LIB_TARGET_CPU_HOST_H

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/Error.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>

namespace tile::cpu {

/// The host's processor, its features, and the width of its vectors.
struct Host {
  std::string triple, processor, features;
  int64_t vectorBits;

  /// This processor, found once.
  static const Host &get();
  /// The least of its architecture.
  static const Host &baseline();
};

/// A machine to generate code with.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(const Host &host);

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_HOST_H
