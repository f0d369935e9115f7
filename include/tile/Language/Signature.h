//===- Signature.h - What a kernel takes, from its tree ---------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_SIGNATURE_H
#define TILE_LANGUAGE_SIGNATURE_H

#include "tile/Language/HostEval.h"
#include "tile/Language/Lexer.h"

namespace tile::lang {

/// Gives the file's constants their values. Adds to `errors` what is wrong.
void evaluateConstants(ast::File &file, std::vector<SyntaxError> &errors);

/// Works out and checks what the kernel takes. Adds to `errors` what is wrong.
KernelSignature makeSignature(const ast::File &file, const ast::Kernel &kernel, std::vector<SyntaxError> &errors);

/// The value of a parameter as a constant; nothing for `Unset` and `Auto`.
std::optional<Const> toConst(ParamValue value);

/// Gives every parameter its value: the one in `given`, that of its extent, its default, or the first of its set. `extents` is
/// parallel to the signature's names of extents; -1 is unknown. `others` answers for the names
/// of arguments and dtypes.
std::optional<BindError> resolveParams(const KernelSignature &signature, llvm::ArrayRef<ParamValue> given,
                                       llvm::ArrayRef<int64_t> extents, HostEval::Lookup others,
                                       llvm::SmallVectorImpl<ParamValue> &params);

} // namespace tile::lang

#endif // TILE_LANGUAGE_SIGNATURE_H
