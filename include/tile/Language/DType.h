//===- DType.h - The language's element types -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_DTYPE_H
#define TILE_LANGUAGE_DTYPE_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace mlir {
class MLIRContext;
class Type;
} // namespace mlir

namespace tile::lang {

/// An element type as an author writes it. MLIR's integers are signless: signedness lives here, and picks the ops.
enum class DType : uint8_t { Bool, I8, I16, I32, I64, U8, U16, U32, U64, F8E4M3, F8E5M2, F16, BF16, F32, F64, Index };

/// The name in the language: "bf16", "u8", "index", ….
llvm::StringRef dtypeName(DType dtype);
/// The dtype of that name, if there is one.
std::optional<DType> parseDType(llvm::StringRef name);

/// Bytes of one element in memory; a bool takes one, an index eight.
unsigned byteWidth(DType dtype);
/// Bits of a value; a bool has one.
unsigned bitWidth(DType dtype);

inline bool isFloat(DType d) { return d >= DType::F8E4M3 && d <= DType::F64; }
/// Types that are stored and converted, never computed with.
inline bool isFloat8(DType d) { return d == DType::F8E4M3 || d == DType::F8E5M2; }
inline bool isSignedInt(DType d) { return d >= DType::I8 && d <= DType::I64; }
inline bool isUnsignedInt(DType d) { return d >= DType::U8 && d <= DType::U64; }
/// An integer of a stated width: not bool, not index.
inline bool isSizedInt(DType d) { return isSignedInt(d) || isUnsignedInt(d); }
/// What integer arithmetic accepts: sized integers and index.
inline bool isIntegral(DType d) { return isSizedInt(d) || d == DType::Index; }

/// The (signless) MLIR type.
mlir::Type toMLIR(DType dtype, mlir::MLIRContext *context);

} // namespace tile::lang

#endif // TILE_LANGUAGE_DTYPE_H
