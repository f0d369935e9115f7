//===- DType.cpp - The language's element types ----------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/DType.h"
#include <mlir/IR/BuiltinTypes.h>

using namespace tile::lang;

namespace {
struct Entry {
  DType dtype;
  llvm::StringLiteral name;
  unsigned bits;
};
constexpr Entry entries[] = {
    {DType::Bool, "bool", 1},  {DType::I8, "i8", 8},         {DType::I16, "i16", 16},      {DType::I32, "i32", 32},
    {DType::I64, "i64", 64},   {DType::U8, "u8", 8},         {DType::U16, "u16", 16},      {DType::U32, "u32", 32},
    {DType::U64, "u64", 64},   {DType::F8E4M3, "f8e4m3", 8}, {DType::F8E5M2, "f8e5m2", 8}, {DType::F16, "f16", 16},
    {DType::BF16, "bf16", 16}, {DType::F32, "f32", 32},      {DType::F64, "f64", 64},      {DType::Index, "index", 64},
};
} // namespace

llvm::StringRef tile::lang::dtypeName(DType dtype) { return entries[static_cast<unsigned>(dtype)].name; }

std::optional<DType> tile::lang::parseDType(llvm::StringRef name) {
  for (const Entry &entry : entries)
    if (entry.name == name)
      return entry.dtype;
  return std::nullopt;
}

unsigned tile::lang::bitWidth(DType dtype) { return entries[static_cast<unsigned>(dtype)].bits; }
unsigned tile::lang::byteWidth(DType dtype) { return dtype == DType::Bool ? 1 : bitWidth(dtype) / 8; }

mlir::Type tile::lang::toMLIR(DType dtype, mlir::MLIRContext *context) {
  switch (dtype) {
  case DType::F8E4M3:
    return mlir::Float8E4M3FNType::get(context);
  case DType::F8E5M2:
    return mlir::Float8E5M2Type::get(context);
  case DType::F16:
    return mlir::Float16Type::get(context);
  case DType::BF16:
    return mlir::BFloat16Type::get(context);
  case DType::F32:
    return mlir::Float32Type::get(context);
  case DType::F64:
    return mlir::Float64Type::get(context);
  case DType::Index:
    return mlir::IndexType::get(context);
  default:
    return mlir::IntegerType::get(context, bitWidth(dtype));
  }
}
