//===- DType.cpp - Element types --------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/DType.h"

namespace tile {

namespace {
struct Row {
  DType type;
  const char *name;
  unsigned size;
};
} // namespace

/// In the order of the enumeration.
static constexpr Row table[] = {
    {DType::Bool, "bool", 1}, {DType::I8, "i8", 1},         {DType::I16, "i16", 2},       {DType::I32, "i32", 4},
    {DType::I64, "i64", 8},   {DType::U8, "u8", 1},         {DType::U16, "u16", 2},       {DType::U32, "u32", 4},
    {DType::U64, "u64", 8},   {DType::F16, "f16", 2},       {DType::BF16, "bf16", 2},     {DType::F32, "f32", 4},
    {DType::F64, "f64", 8},   {DType::F8E4M3, "f8e4m3", 1}, {DType::F8E5M2, "f8e5m2", 1},
};

unsigned sizeOf(DType type) noexcept { return table[static_cast<unsigned>(type)].size; }

const char *nameOf(DType type) noexcept { return table[static_cast<unsigned>(type)].name; }

std::optional<DType> dtypeOf(std::string_view name) noexcept {
  for (const Row &row : table)
    if (name == row.name)
      return row.type;
  return std::nullopt;
}

} // namespace tile
