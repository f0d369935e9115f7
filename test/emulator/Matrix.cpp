//===- Matrix.cpp - Matrices in shared memory and products -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Which lane holds which element is written down from the PTX manual; the compiler's layouts take no part. Products of floating-point
/// numbers are summed in f64 and rounded once, at the end of an instruction.
///
//===----------------------------------------------------------------------===//

#include "Elements.h"
#include "Lanes.h"

#include <algorithm>
#include <cmath>

using namespace tile::emulator;

namespace {

//===----------------------------------------------------------------------===//
// ldmatrix and stmatrix
//===----------------------------------------------------------------------===//

/// The lane that has an element of an 8x8 matrix of 16-bit elements, two in each register.
unsigned holderOf(unsigned row, unsigned column) { return row * 4 + column / 2; }

/// Notes the rows of matrices for the statistics.
void countRows(Warp &warp, const Instruction &instruction, const std::uint64_t *addresses) {
  if (!warp.block.launch.countsAccesses)
    return;
  std::uint32_t all = warp.active;
  warp.active = instruction.count == 4 ? ~0u : (1u << (8 * instruction.count)) - 1;
  countAccess(warp, instruction, Space::Shared, addresses, 16);
  warp.active = all;
}

/// The addresses of a matrix' rows come from eight lanes each. An element is read by the lane that gets it. `option` transposes.
void loadMatrices(Warp &warp, const Instruction &instruction) {
  std::uint64_t addresses[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    addresses[lane] =
        (warp.lane(instruction.from[0], lane) + static_cast<std::uint64_t>(instruction.value)) & 0xffffffff;
  countRows(warp, instruction, addresses);
  for (unsigned matrix = 0; matrix < instruction.count; ++matrix) {
    std::uint16_t values[kLanes][2];
    for (unsigned row = 0; row < 8; ++row) {
      std::uint64_t address = addresses[matrix * 8 + row];
      if (address % 16)
        warp.fail(Fault::Kind::Misaligned, matrix * 8 + row, "a matrix' row at an address that 16 doesn't divide");
      for (unsigned column = 0; column < 8; column += instruction.option ? 1 : 2) {
        unsigned lane = instruction.option ? holderOf(column, row) : holderOf(row, column);
        std::uint16_t pair[2];
        readBytes(warp, instruction, lane, address + 2 * column, pair, instruction.option ? 2 : 4);
        if (instruction.option)
          values[lane][row & 1] = pair[0];
        else
          std::memcpy(values[lane], pair, 4);
      }
    }
    std::uint32_t result[kLanes];
    for (unsigned lane = 0; lane < kLanes; ++lane)
      result[lane] = std::uint32_t(values[lane][1]) << 16 | values[lane][0];
    warp.put(instruction.to[matrix], result);
  }
}

void storeMatrices(Warp &warp, const Instruction &instruction) {
  std::uint64_t addresses[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    addresses[lane] =
        (warp.lane(instruction.from[0], lane) + static_cast<std::uint64_t>(instruction.value)) & 0xffffffff;
  countRows(warp, instruction, addresses);
  for (unsigned matrix = 0; matrix < instruction.count; ++matrix) {
    const auto *from = warp.lanes<std::uint32_t>(instruction.from[1 + matrix]);
    for (unsigned row = 0; row < 8; ++row) {
      std::uint64_t address = addresses[matrix * 8 + row];
      if (address % 16)
        warp.fail(Fault::Kind::Misaligned, matrix * 8 + row, "a matrix' row at an address that 16 doesn't divide");
      for (unsigned column = 0; column < 8; ++column) {
        unsigned lane = instruction.option ? holderOf(column, row) : holderOf(row, column);
        auto value = static_cast<std::uint16_t>(from[lane] >> (16 * ((instruction.option ? row : column) & 1)));
        writeBytes(warp, instruction, lane, address + 2 * column, &value, 2);
      }
    }
  }
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

/// What an mma is of, packed into an instruction's `value`.
struct Product {
  std::uint8_t m, k;
  Element to, a, b;
  bool saturates;
};
constexpr unsigned kColumns = 8;

Product productOf(const Instruction &instruction) {
  Product product;
  std::memcpy(&product, &instruction.value, sizeof(product));
  return product;
}

/// Operands a, b and c lie behind each other in `from`. In the manual's words: lane / 4 is the group, lane % 4 the thread in it.
void multiply(Warp &warp, const Instruction &instruction) {
  Product product = productOf(instruction);
  unsigned m = product.m, k = product.k, elementBits = bitsOf(product.a);
  unsigned inRegister = product.a == Element::F64 ? 1 : 32 / elementBits;
  unsigned registersA = m * k / kLanes / inRegister, registersB = k * kColumns / kLanes / inRegister;
  unsigned inSum = product.to == Element::F16 ? 2 : 1, registersC = m * kColumns / kLanes / inSum;
  double a[16][32], b[32][kColumns], c[16][kColumns];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    unsigned group = lane / 4, thread = lane % 4;
    for (unsigned r = 0; r < registersA; ++r) {
      std::uint64_t bits = warp.lane(instruction.from[r], lane);
      for (unsigned j = 0; j < inRegister; ++j)
        a[group + 8 * (r & 1)][thread * inRegister + j + 4 * inRegister * (r / 2)] =
            valueOf(product.a, bits >> (elementBits * j));
    }
    for (unsigned r = 0; r < registersB; ++r) {
      std::uint64_t bits = warp.lane(instruction.from[registersA + r], lane);
      for (unsigned j = 0; j < inRegister; ++j)
        b[thread * inRegister + j + 4 * inRegister * r][group] = valueOf(product.b, bits >> (elementBits * j));
    }
    for (unsigned i = 0; i < registersC * inSum; ++i) {
      std::uint64_t bits = warp.lane(instruction.from[registersA + registersB + i / inSum], lane);
      c[group + 8 * (i / 2)][thread * 2 + (i & 1)] = valueOf(product.to, inSum == 2 ? bits >> (16 * (i & 1)) : bits);
    }
  }
  for (unsigned row = 0; row < m; ++row) {
    if (product.to == Element::F64) {
      // A chain of fused multiply-adds.
      for (unsigned i = 0; i < k; ++i)
        for (unsigned column = 0; column < kColumns; ++column)
          c[row][column] = std::fma(a[row][i], b[i][column], c[row][column]);
      continue;
    }
    double sum[kColumns] = {};
    for (unsigned i = 0; i < k; ++i)
      for (unsigned column = 0; column < kColumns; ++column)
        sum[column] += a[row][i] * b[i][column];
    for (unsigned column = 0; column < kColumns; ++column)
      c[row][column] += sum[column];
  }
  for (unsigned r = 0; r < registersC; ++r) {
    std::uint64_t result[kLanes];
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      unsigned group = lane / 4, thread = lane % 4;
      auto element = [&](unsigned i) {
        return bitsFor(product.to, c[group + 8 * (i / 2)][thread * 2 + (i & 1)], product.saturates);
      };
      result[lane] = inSum == 2 ? element(2 * r) | element(2 * r + 1) << 16 : element(r);
    }
    warp.putWide(instruction.to[r], result);
  }
}

bool decodeProduct(Decoder &decoder) {
  const auto &parts = decoder.statement.parts;
  const auto &operands = decoder.statement.operands;
  if (parts.size() < 10 || decoder.part(2) != "aligned" || decoder.part(4) != "row" || decoder.part(5) != "col" ||
      operands.size() != 4)
    return false;
  Product product = {};
  Element c;
  std::size_t types = parts.size() - 4;
  if (!elementOf(parts[types], product.to) || !elementOf(parts[types + 1], product.a) ||
      !elementOf(parts[types + 2], product.b) || !elementOf(parts[types + 3], c) || product.to != c)
    return false;
  for (std::size_t i = 6; i < types; ++i) {
    if (parts[i] != "satfinite" && parts[i] != "rn")
      return false;
    product.saturates |= parts[i] == "satfinite";
  }
  // The shapes and types that there are.
  struct Known {
    const char *shape;
    std::uint8_t m, k;
    std::initializer_list<Element> operands, sums;
  };
  using enum Element;
  static const Known all[] = {
      {"m16n8k8", 16, 8, {F16}, {F16, F32}}, {"m16n8k8", 16, 8, {BF16, TF32}, {F32}},
      {"m16n8k4", 16, 4, {TF32}, {F32}},     {"m16n8k16", 16, 16, {F16}, {F16, F32}},
      {"m16n8k16", 16, 16, {BF16}, {F32}},   {"m16n8k16", 16, 16, {S8, U8}, {S32}},
      {"m16n8k32", 16, 32, {S8, U8}, {S32}}, {"m16n8k32", 16, 32, {E4M3, E5M2}, {F16, F32}},
      {"m8n8k4", 8, 4, {F64}, {F64}},        {"m16n8k4", 16, 4, {F64}, {F64}},
      {"m16n8k8", 16, 8, {F64}, {F64}},      {"m16n8k16", 16, 16, {F64}, {F64}},
  };
  auto among = [](Element element, std::initializer_list<Element> elements) {
    return std::find(elements.begin(), elements.end(), element) != elements.end();
  };
  const Known *known = std::find_if(std::begin(all), std::end(all), [&](const Known &one) {
    return decoder.part(3) == one.shape && among(product.a, one.operands) && among(product.b, one.operands) &&
           among(product.to, one.sums);
  });
  if (known == std::end(all) || (bitsOf(product.a) == 16 && product.a != product.b))
    return false;
  product.m = known->m;
  product.k = known->k;
  Instruction &out = decoder.out;
  out.kind = Kind::Synchronous;
  out.run = multiply;
  unsigned sums = product.m * kColumns / kLanes / (product.to == F16 ? 2 : 1);
  unsigned perRegister = product.a == F64 ? 1 : 32 / bitsOf(product.a);
  auto countOf = [](const Operand &operand) -> std::size_t {
    return operand.kind == Operand::Kind::Vector ? operand.elements.size() : 1;
  };
  if (countOf(operands[0]) != sums || countOf(operands[3]) != sums ||
      countOf(operands[1]) != product.m * product.k / kLanes / perRegister ||
      countOf(operands[2]) != product.k * kColumns / kLanes / perRegister)
    return false;
  static_assert(sizeof(Product) <= sizeof(out.value));
  out.value = 0;
  decoder.setTo(operands[0]);
  decoder.setFrom(1, product.a == F64 ? 64 : 32);
  std::memcpy(&out.value, &product, sizeof(product));
  return true;
}

} // namespace

bool tile::emulator::decodeMatrix(Decoder &decoder) {
  const std::string &head = decoder.part(0);
  if (head == "mma" && decoder.part(1) == "sync")
    return decodeProduct(decoder);
  bool isLoad = head == "ldmatrix";
  if ((!isLoad && head != "stmatrix") ||
      !decoder.only({"sync", "aligned", "m8n8", "x1", "x2", "x4", "trans", "shared", "shared::cta", "b16"}) ||
      decoder.statement.operands.size() != 2)
    return false;
  Instruction &out = decoder.out;
  const Operand &address = decoder.statement.operands[isLoad ? 1 : 0],
                &data = decoder.statement.operands[isLoad ? 0 : 1];
  out.kind = Kind::Synchronous;
  out.space = Space::Shared;
  out.count = decoder.has("x4") ? 4 : decoder.has("x2") ? 2 : 1;
  out.option = decoder.has("trans");
  out.run = isLoad ? loadMatrices : storeMatrices;
  if ((data.kind == Operand::Kind::Vector ? data.elements.size() : 1) != out.count)
    return false;
  decoder.setAddress(address, out.from[0]);
  if (isLoad) {
    decoder.setTo(data);
    return true;
  }
  for (unsigned i = 0; i < out.count; ++i)
    out.from[1 + i] = decoder.from(data.kind == Operand::Kind::Vector ? data.elements[i] : data, 32);
  return true;
}
