//===- DotMma.cpp - Products by matrix instructions ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products by mma.sync. The operands are taken in words of 32 bits, as layout::mmaTile numbers registers: the words of one instruction next to
// each other. From shared memory they come by ldmatrix where the tile lies for it, and otherwise as wide as they lie. What the next step
// along k needs is asked for before the products of this one, which it then has the time of.
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"

#include "tile/Layout/Layouts.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::LinearLayout;
using layout::MatrixPlan;
using layout::MmaOperand;

/// The words of an operand, each made when it is first asked for. Words of f64 are whole elements.
class Lowering::MmaWords {
public:
  MmaWords(Lowering &lowering, Value operand, const LinearLayout &layout);
  Value get(uint64_t index);
  /// An error to report, or empty.
  StringRef problem;

private:
  Value fetch(uint64_t index);

  Lowering &lowering;
  Type element;
  unsigned perWord;
  llvm::DenseMap<uint64_t, Value> words;
  Registers tile;
  std::optional<MatrixPlan> matrices;
  std::optional<SharedTile> rows;
  std::optional<SlotRegisters> slot;
};

Lowering::MmaWords::MmaWords(Lowering &lowering, Value operand, const LinearLayout &layout) : lowering(lowering) {
  auto slotType = dyn_cast<ir::SlotType>(operand.getType());
  element = slotType ? slotType.getElementType() : getElementTypeOrSelf(operand.getType());
  int64_t bytes = ir::elementBytes(element);
  perWord = std::max<int64_t>(1, 4 / bytes);
  if (!slotType) {
    LinearLayout held = ir::layoutOf(operand.getType()).getLayout();
    std::optional<Registers> made =
        held == layout ? lowering.registers(operand) : lowering.convert(held, layout, lowering.registers(operand));
    if (made)
      tile = std::move(*made);
    else
      problem = "needs an operand from other warps, which should lie in shared memory by now";
    return;
  }
  const Slot &place = lowering.slots.find(operand)->second;
  matrices =
      layout::planMatrixLoads(layout, ir::sharedLayout(slotType.getShape(), element, slotType.getSwizzle()), bytes);
  if (matrices)
    rows.emplace(lowering, place, matrices->laneBytes, matrices->warpBytes);
  else
    slot.emplace(lowering, place, layout);
}

Value Lowering::MmaWords::fetch(uint64_t index) {
  OpBuilder &builder = lowering.builder;
  Type i32 = builder.getI32Type();
  if (matrices) {
    unsigned count = matrices->matrices;
    uint64_t load = index / count;
    std::string name = "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x" + std::to_string(count) +
                       (matrices->transposed ? ".trans.b16" : ".b16");
    Type type =
        count == 1 ? i32 : LLVM::LLVMStructType::getLiteral(builder.getContext(), SmallVector<Type>(count, i32));
    Value loaded = lowering.intrinsic(name, type, rows->pointer(matrices->loadBytes[load]));
    if (count == 1)
      return loaded;
    for (int64_t part = 0; part < count; ++part)
      words[load * count + part] = LLVM::ExtractValueOp::create(builder, lowering.loc, loaded, part);
    return words[index];
  }
  SmallVector<Value> elements;
  for (uint64_t part = 0; part < perWord; ++part) {
    uint64_t r = index * perWord + part;
    elements.push_back(slot ? slot->get(r) : tile[r]);
  }
  if (element.isF64())
    return elements[0];
  if (perWord == 1)
    return arith::BitcastOp::create(builder, lowering.loc, i32, elements[0]);
  return LLVM::BitcastOp::create(builder, lowering.loc, i32, lowering.packVector(elements, elements[0].getType()));
}

Value Lowering::MmaWords::get(uint64_t index) {
  if (Value known = words.lookup(index))
    return known;
  Value word = fetch(index);
  words[index] = word;
  return word;
}

/// Four f8 in a word as two words of two f16 each; the values are the same.
SmallVector<Value, 2> Lowering::halvesOfF8(Value word, Type element) {
  SmallVector<Value, 2> halves;
  Type pair = VectorType::get(2, builder.getF16Type());
  for (unsigned half : {0, 1}) {
    // The bytes at the tops of two 16-bit words.
    Value low = half == 0 ? make<arith::ShLIOp>(word, i32(8)) : make<arith::ShRUIOp>(word, i32(8)),
          high = half == 0 ? make<arith::ShLIOp>(word, i32(16)) : word;
    Value tops = make<arith::OrIOp>(make<arith::AndIOp>(low, i32(0xff00)), make<arith::AndIOp>(high, i32(0xff000000)));
    if (isa<Float8E5M2Type>(element)) {
      halves.push_back(tops);
      continue;
    }
    // e4m3 has one bit of exponent less, and a bias less by 8: moved into place and multiplied by 2^8 it is the same number, also where it is
    // subnormal. All ones is NaN: the carry of one more tells.
    Value magnitude = make<arith::AndIOp>(tops, i32(0x7f007f00)), sign = make<arith::AndIOp>(tops, i32(0x80008000));
    Value moved = make<arith::OrIOp>(sign, make<arith::ShRUIOp>(magnitude, i32(1)));
    Value scale = constant(DenseElementsAttr::get(cast<VectorType>(pair), builder.getF16FloatAttr(256.0)));
    Value scaled = make<arith::MulFOp>(LLVM::BitcastOp::create(builder, loc, pair, moved), scale);
    Value carry = make<arith::AndIOp>(make<arith::AddIOp>(magnitude, i32(0x01000100)), i32(0x80008000));
    Value nan = make<arith::SubIOp>(carry, make<arith::ShRUIOp>(carry, i32(15)));
    halves.push_back(make<arith::OrIOp>(LLVM::BitcastOp::create(builder, loc, builder.getI32Type(), scaled), nan));
  }
  return halves;
}

namespace {
/// An instruction: its name, and how many words of each matrix it takes.
struct MmaKind {
  std::string name;
  unsigned wordsA, wordsB, words;
};
} // namespace

static std::optional<MmaKind> mmaKind(Type a, Type b, bool unsignedA, bool unsignedB, bool isTf32, bool hasF8) {
  if (a.isF64() && b.isF64())
    return MmaKind{"llvm.nvvm.mma.m8n8k4.row.col.f64", 1, 1, 2};
  if (a.isInteger(8) && b.isInteger(8)) {
    std::string left = unsignedA ? "u8" : "s8", right = unsignedB ? "u8" : "s8";
    return MmaKind{"llvm.nvvm.mma.m16n8k32.row.col." + (left == right ? left : left + "." + right), 4, 2, 4};
  }
  auto f8Name = [](Type type) -> std::string {
    return isa<Float8E4M3FNType>(type) ? "e4m3" : isa<Float8E5M2Type>(type) ? "e5m2" : "";
  };
  if (!f8Name(a).empty() && !f8Name(b).empty()) {
    if (!hasF8)
      return MmaKind{"llvm.nvvm.mma.m16n8k16.row.col.f32.f32", 4, 2, 4};
    return MmaKind{"llvm.nvvm.mma.m16n8k32.row.col.f32." + f8Name(a) + "." + f8Name(b) + ".f32", 4, 2, 4};
  }
  if (a.isBF16() && b.isBF16())
    return MmaKind{"llvm.nvvm.mma.m16n8k16.row.col.bf16", 4, 2, 4};
  if (a.isF16() && b.isF16())
    return MmaKind{"llvm.nvvm.mma.m16n8k16.row.col.f32.f32", 4, 2, 4};
  if (a.isF32() && b.isF32() && isTf32)
    return MmaKind{"llvm.nvvm.mma.m16n8k8.row.col.tf32", 4, 2, 4};
  return std::nullopt;
}

/// How many bits of warps run along m and n, of an accumulator's layout.
static std::optional<std::pair<unsigned, unsigned>> warpsOf(const LinearLayout &acc, unsigned bytes) {
  unsigned warpBits = acc.in().bits(layout::Dim::Warp);
  SmallVector<unsigned> shape{acc.out().bits(layout::axis(0)), acc.out().bits(layout::axis(1))};
  for (unsigned m = 0; m <= warpBits; ++m)
    if (layout::mmaTile(MmaOperand::Accumulator, shape, bytes, m, warpBits - m) == acc)
      return std::pair(m, warpBits - m);
  return std::nullopt;
}

void Lowering::lowerMma(ir::DotOp op) {
  auto elementOf = [](Type type) {
    auto slot = dyn_cast<ir::SlotType>(type);
    return slot ? slot.getElementType() : getElementTypeOrSelf(type);
  };
  Type a = elementOf(op.getA().getType()), b = elementOf(op.getB().getType()), sumType = op.getType().getElementType();
  bool isTf32 = op.getPrecision() == ir::Precision::TF32 && a.isF32(), hasF8 = architecture() >= 89;
  std::optional<MmaKind> kind = mmaKind(a, b, op.getUnsignedA(), op.getUnsignedB(), isTf32, hasF8);
  if (!kind)
    return fail(op, "has operands that no matrix instruction multiplies");
  LinearLayout acc = ir::layoutOf(op.getType()).getLayout();
  unsigned bytes = ir::elementBytes(a);
  auto warps = warpsOf(acc, ir::elementBytes(sumType));
  if (!warps)
    return fail(op, "has an accumulator that isn't laid out for matrix instructions");

  // The operands' layouts, and the steps of each warp.
  ArrayRef<int64_t> shape = op.getType().getShape();
  auto slotA = dyn_cast<ir::SlotType>(op.getA().getType());
  int64_t depth = slotA ? slotA.getShape()[1] : cast<RankedTensorType>(op.getA().getType()).getShape()[1];
  unsigned mBits = llvm::Log2_64(shape[0]), nBits = llvm::Log2_64(shape[1]), kBits = llvm::Log2_64(depth);
  LinearLayout layoutA = layout::mmaTile(MmaOperand::A, {mBits, kBits}, bytes, warps->first, warps->second),
               layoutB = layout::mmaTile(MmaOperand::B, {kBits, nBits}, bytes, warps->first, warps->second);
  auto registerBits = [](const LinearLayout &layout) { return layout.in().bits(layout::Dim::Register); };
  auto fragmentBits = [&](MmaOperand operand, unsigned size) {
    return registerBits(layout::mmaFragment(operand, size));
  };
  unsigned steps = 1u << (kBits - layout::mmaFragment(MmaOperand::A, bytes).out().bits(layout::axis(1)));
  unsigned rows = (1u << (registerBits(layoutA) - fragmentBits(MmaOperand::A, bytes))) / steps,
           columns = (1u << (registerBits(layoutB) - fragmentBits(MmaOperand::B, bytes))) / steps;

  MmaWords wordsA(*this, op.getA(), layoutA), wordsB(*this, op.getB(), layoutB);
  for (StringRef problem : {wordsA.problem, wordsB.problem})
    if (!problem.empty())
      return fail(op, problem);

  // The words of a fragment, converted where the instruction takes another type than the tile has. An f8 fragment for an architecture
  // without f8 products makes two f16 ones, halves of k each: which half an element is in doesn't matter as long as both operands agree.
  Type i32Type = builder.getI32Type(), f16Pair = VectorType::get(2, builder.getF16Type());
  bool isF8 = bytes == 1 && isa<FloatType>(a), takesHalves = a.isF16() || (isF8 && !hasF8);
  unsigned parts = isF8 && !hasF8 ? 2 : 1;
  using Fragment = SmallVector<SmallVector<Value>, 2>;
  llvm::DenseMap<std::pair<unsigned, unsigned>, Fragment> fragments[2];
  auto fragment = [&](bool isA, unsigned line, unsigned step) -> const Fragment & {
    Fragment &made = fragments[isA ? 0 : 1][{line, step}];
    if (!made.empty())
      return made;
    unsigned count = isA ? kind->wordsA : kind->wordsB;
    MmaWords &from = isA ? wordsA : wordsB;
    // Registers along axis 1 come before those along axis 0: k of A, n of B.
    uint64_t first = uint64_t(count) * (isA ? step + line * steps : line + step * columns);
    SmallVector<Value> words;
    for (unsigned index = 0; index < count; ++index) {
      Value word = from.get(first + index);
      if (isTf32)
        word = intrinsic("llvm.nvvm.f2tf32.rna", i32Type,
                         arith::BitcastOp::create(builder, loc, builder.getF32Type(), word).getResult());
      words.push_back(word);
    }
    made.resize(parts);
    if (parts == 1) {
      made[0] = words;
    } else {
      // Words are (rows, half of k) of A and (half of k) of B.
      unsigned inHalf = count / 2;
      for (unsigned part : {0u, 1u}) {
        SmallVector<SmallVector<Value, 2>> split;
        for (unsigned index = 0; index < inHalf; ++index)
          split.push_back(halvesOfF8(words[part * inHalf + index], isA ? a : b));
        for (unsigned half : {0u, 1u})
          for (unsigned index = 0; index < inHalf; ++index)
            made[part].push_back(split[index][half]);
      }
    }
    if (takesHalves)
      for (SmallVector<Value> &part : made)
        for (Value &word : part)
          word = LLVM::BitcastOp::create(builder, loc, f16Pair, word);
    return made;
  };
  auto fetchStep = [&](unsigned step) {
    for (unsigned column = 0; column < columns; ++column)
      fragment(false, column, step);
    for (unsigned row = 0; row < rows; ++row)
      fragment(true, row, step);
  };

  Registers sums = registers(op.getAcc());
  Type resultType = LLVM::LLVMStructType::getLiteral(builder.getContext(), SmallVector<Type>(kind->words, sumType));
  fetchStep(0);
  for (unsigned step = 0; step < steps; ++step) {
    if (step + 1 < steps)
      fetchStep(step + 1);
    for (unsigned row = 0; row < rows; ++row)
      for (unsigned position = 0; position < columns; ++position) {
        // To and fro, so that a fragment is used again at each turn.
        unsigned column = row % 2 ? columns - 1 - position : position;
        auto sum = MutableArrayRef<Value>(sums).slice((row * columns + column) * kind->words, kind->words);
        for (unsigned part = 0; part < parts; ++part) {
          SmallVector<Value> operands(fragment(true, row, step)[part]);
          llvm::append_range(operands, fragment(false, column, step)[part]);
          llvm::append_range(operands, sum);
          Value result = intrinsic(kind->name, resultType, operands);
          for (auto [index, value] : llvm::enumerate(sum))
            value = LLVM::ExtractValueOp::create(builder, loc, result, static_cast<int64_t>(index));
        }
      }
  }
  setRegisters(op.getResult(), std::move(sums));
}
