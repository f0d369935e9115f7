//===- Products.h - Products of warpgroups -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// wgmma: four warps issue a product together, which then runs by itself and is waited for in groups. It reads its operands and writes
/// its sums at any time in between, so that nobody may touch them: of shared memory the clocks see to that, of registers this does.
/// Only a move of a sum under way is let through, as a change of its name: it happens behind the product.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_PRODUCTS_H
#define TILE_TEST_EMULATOR_PRODUCTS_H

#include "Clocks.h"
#include "Elements.h"
#include "Machine.h"

#include <array>
#include <deque>
#include <vector>

namespace tile::emulator {

class Gang;

/// A wgmma instruction.
struct ProductForm {
  unsigned columns = 0, depth = 0;
  Element to = Element::F32, a = Element::F16, b = Element::F16;
  bool negatesA = false, negatesB = false, transposesA = false, transposesB = false, saturates = false;
  std::vector<Place> sums, registersA;
  Place descriptorA, descriptorB, accumulates;
};
inline const ProductForm &formOf(const Instruction &instruction) {
  return *static_cast<const ProductForm *>(instruction.form.get());
}

/// A matrix in shared memory as its descriptor says: rows of M or N, and of K.
class SharedMatrix {
public:
  SharedMatrix(std::uint64_t descriptor, unsigned elementBytes, bool isTransposed);
  /// Where an element lies.
  std::uint32_t addressOf(unsigned row, unsigned inDepth) const;
  bool isTransposed() const { return transposed; }

private:
  std::uint32_t start, leading, stride, phase, span;
  unsigned elementBytes;
  bool transposed;
};

class Products {
public:
  Products(Gang &gang, Block &block) : gang(gang), block(block) {}

  void start();
  /// A warp stands at a product.
  void come(Warp &warp);
  void fence(Warp &warp);
  void closeGroup(Warp &warp);
  void wait(Warp &warp, unsigned groups);
  /// Whether an instruction is put off, because it moves what is under way; fails when it touches that otherwise.
  bool guard(Warp &warp, const Instruction &instruction, std::uint32_t lanes);

  bool isUnderWay() const { return underWay != 0; }
  /// The next product of some warpgroup happens.
  void happenOne();
  void checkEnd();

private:
  /// A product, or a move behind one.
  struct Item {
    const Instruction *instruction;
    Time group;
    /// Of a move.
    Warp *warp = nullptr;
    std::uint32_t lanes = 0;
    /// Of a product.
    std::uint64_t descriptorA = 0, descriptorB = 0;
    bool accumulates = false;
  };
  struct Warpgroup {
    std::array<Warp *, 4> come = {};
    unsigned agent = 0;
    std::deque<Item> items;
  };
  /// A warp's: groups closed, and known to be done; and the last group that works on a register, as a sum and as an operand.
  struct State {
    Time closed = 0, waited = 0;
    bool isFenced = false, hasFlights = false;
    std::vector<Time> sums, operands;
    std::vector<const Instruction *> makers;
  };
  Warpgroup &groupOf(const Warp &warp) { return groups[warp.index / 4]; }
  void issue(Warpgroup &group);
  void readShared(Warpgroup &group, const Item &item, const ProductForm &form);
  void happen(Warpgroup &group, const Item &item);
  void multiply(Warpgroup &group, const Item &item);
  [[noreturn]] void failTouched(Warp &warp, const Instruction &instruction, unsigned lane, bool isWrite,
                                const Instruction &maker);

  Gang &gang;
  Block &block;
  std::vector<Warpgroup> groups;
  std::vector<State> states;
  std::size_t underWay = 0;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_PRODUCTS_H
