//===- Elements.cpp - Numbers as operands of products ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elements.h"

#include "Formats.h"

#include <algorithm>

using namespace tile::emulator;

bool tile::emulator::elementOf(std::string_view name, Element &element) {
  static constexpr std::string_view names[] = {"f16", "bf16", "tf32", "e4m3", "e5m2", "f64", "s8", "u8", "f32", "s32"};
  const auto *found = std::find(std::begin(names), std::end(names), name);
  element = static_cast<Element>(found - names);
  return found != std::end(names);
}

unsigned tile::emulator::bitsOf(Element element) {
  constexpr unsigned bits[] = {16, 16, 32, 8, 8, 64, 8, 8, 32, 32};
  return bits[static_cast<unsigned>(element)];
}

double tile::emulator::valueOf(Element element, std::uint64_t bits) {
  auto low = static_cast<std::uint32_t>(bits);
  switch (element) {
  case Element::F16:
    return decode(low & 0xffff, kF16);
  case Element::BF16:
    return decode(low & 0xffff, kBF16);
  case Element::TF32:
    // The instruction doesn't look at the rest.
    return std::bit_cast<float>(low & 0xffffe000);
  case Element::E4M3:
    return decode(low & 0xff, kE4M3);
  case Element::E5M2:
    return decode(low & 0xff, kE5M2);
  case Element::F64:
    return std::bit_cast<double>(bits);
  case Element::S8:
    return static_cast<std::int8_t>(low);
  case Element::U8:
    return static_cast<std::uint8_t>(low);
  case Element::F32:
    return std::bit_cast<float>(low);
  case Element::S32:
    return static_cast<std::int32_t>(low);
  }
  return 0;
}

std::uint64_t tile::emulator::bitsFor(Element element, double value, bool saturates) {
  switch (element) {
  case Element::F16:
    return encode(value, kF16);
  case Element::F32:
    return std::bit_cast<std::uint32_t>(canonical(static_cast<float>(value)));
  case Element::S32: {
    // Sums of products of bytes are exact in double.
    if (saturates)
      value = std::clamp(value, -0x1p31, 0x1p31 - 1);
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(value));
  }
  default:
    return std::bit_cast<std::uint64_t>(value);
  }
}
