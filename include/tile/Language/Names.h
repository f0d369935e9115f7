//===- Names.h - Names that the language knows by itself ----------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_NAMES_H
#define TILE_LANGUAGE_NAMES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace tile::lang {

/// The builtin functions, sorted.
llvm::ArrayRef<llvm::StringLiteral> builtinNames();
bool isBuiltinName(llvm::StringRef name);
/// Names of dtypes, `inf` and `nan`: nothing else may be called so.
bool isReservedName(llvm::StringRef name);

/// The candidate that `name` was probably meant to be, or nothing.
llvm::StringRef nearest(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates);
/// "did you mean 'x'?", or nothing.
std::string didYouMean(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace tile::lang

#endif // TILE_LANGUAGE_NAMES_H
