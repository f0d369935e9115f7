//===- Elements.h - Numbers as operands of products --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_ELEMENTS_H
#define TILE_TEST_EMULATOR_ELEMENTS_H

#include <cstdint>
#include <string_view>

namespace tile::emulator {

/// Numbers as a product's operands.
enum class Element : std::uint8_t { F16, BF16, TF32, E4M3, E5M2, F64, S8, U8, F32, S32 };

/// False when there is none of that name.
bool elementOf(std::string_view name, Element &element);
unsigned bitsOf(Element element);
double valueOf(Element element, std::uint64_t bits);
/// Rounded once.
std::uint64_t bitsFor(Element element, double value, bool saturates);

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_ELEMENTS_H
