//===- LowerDot.cpp - Products of matrices -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products without matrix instructions: each thread multiplies the rows and columns of its registers, one step along k after another in
// ascending order, so that a sum of f32 is rounded as it is everywhere else. Operands are read where they are in shared memory, as wide as they
// lie; lanes that need the same row read it together. Matrix instructions are in DotMma.cpp.
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Anchors.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::Dim;
using layout::LinearLayout;
using layout::Space;

/// The most multiplications that stand one after the other; a longer product becomes a loop along k.
static constexpr uint64_t kUnrolled = 2048;

/// A linear function of a value, of which bit i adds `columns[i]`.
static Value linearOf(OpBuilder &builder, Location loc, Value value, ArrayRef<uint64_t> columns) {
  auto constant = [&](int64_t number) -> Value {
    return arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(number));
  };
  Value sum = constant(0);
  for (unsigned bit = 0; bit < columns.size();) {
    unsigned run = 1;
    while (bit + run < columns.size() && columns[bit + run] == columns[bit] << run)
      ++run;
    Value part = arith::ShRUIOp::create(builder, loc, value, constant(bit));
    part = arith::AndIOp::create(builder, loc, part, constant((int64_t(1) << run) - 1));
    // A product by a column of several bits is their sum only for one bit.
    if (run > 1 && !llvm::isPowerOf2_64(columns[bit])) {
      run = 1;
      part = arith::AndIOp::create(builder, loc, part, constant(1));
    }
    part = arith::MulIOp::create(builder, loc, part, constant(columns[bit]));
    sum = builder.createOrFold<arith::XOrIOp>(loc, sum, part);
    bit += run;
  }
  return sum;
}

namespace {
/// What a thread needs of one operand: registers over some bits of k, and over the rows (or columns) of its accumulators.
struct Needed {
  LinearLayout layout;
  /// The register that holds a row (or column) at k 0, less the thread's own.
  llvm::DenseMap<int64_t, uint64_t> registerOf;
  unsigned kBits;

  uint64_t at(int64_t row, uint64_t k) const {
    // The registers of k are the low ones.
    return registerOf.lookup(row) << kBits | k;
  }
};
} // namespace

/// `kBits` of k are in registers.
static Needed neededOf(const LinearLayout &acc, bool isA, unsigned kBits, unsigned allKBits) {
  unsigned own = isA ? 0 : 1, ownBits = acc.out().bits(layout::axis(own));
  SmallVector<unsigned> shape =
      isA ? SmallVector<unsigned>{ownBits, allKBits} : SmallVector<unsigned>{allKBits, ownBits};
  Space out{{layout::axis(0), shape[0]}, {layout::axis(1), shape[1]}};
  auto project = [&](uint64_t element) { return acc.out().unpack(layout::axis(own), element); };
  SmallVector<uint64_t> columns;
  for (unsigned bit = 0; bit < kBits; ++bit)
    columns.push_back(out.pack(layout::axis(1 - own), uint64_t(1) << bit));
  // The rows that register numbers span; each once.
  SmallVector<uint64_t> rows{0};
  Needed needed{acc, llvm::DenseMap<int64_t, uint64_t>(), kBits};
  unsigned rowBits = 0;
  for (unsigned bit = 0; bit < acc.in().bits(Dim::Register); ++bit) {
    uint64_t row = project(acc.column(Dim::Register, bit));
    if (llvm::is_contained(rows, row))
      continue;
    for (size_t index = 0, e = rows.size(); index < e; ++index)
      rows.push_back(rows[index] ^ row);
    columns.push_back(out.pack(layout::axis(own), row));
    ++rowBits;
  }
  for (auto [index, row] : llvm::enumerate(rows))
    needed.registerOf[row] = index;
  SmallVector<Space::Entry> in{{Dim::Register, kBits + rowBits}};
  for (Dim dim : {Dim::Lane, Dim::Warp}) {
    in.push_back({dim, acc.in().bits(dim)});
    for (unsigned bit = 0; bit < acc.in().bits(dim); ++bit)
      columns.push_back(out.pack(layout::axis(own), project(acc.column(dim, bit))));
  }
  needed.layout = LinearLayout(Space(ArrayRef<Space::Entry>(in)), out, columns);
  return needed;
}

/// An element as a product is computed in: f32 for narrower floats, i32 for bytes.
Value Lowering::widened(Value value, Type element, bool isUnsigned) {
  if (isa<Float8E4M3FNType, Float8E5M2Type>(element)) {
    Value word = arith::ExtUIOp::create(builder, loc, builder.getI32Type(), value);
    Value half = arith::TruncIOp::create(builder, loc, builder.getI16Type(), halvesOfF8(word, element)[0]);
    half = arith::BitcastOp::create(builder, loc, builder.getF16Type(), half);
    return arith::ExtFOp::create(builder, loc, builder.getF32Type(), half);
  }
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
    return arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  if (element.isInteger(8))
    return isUnsigned ? Value(arith::ExtUIOp::create(builder, loc, builder.getI32Type(), value))
                      : Value(arith::ExtSIOp::create(builder, loc, builder.getI32Type(), value));
  return value;
}

void Lowering::lowerDot(ir::DotOp op) {
  if (placement::usesMatrixUnit(op))
    return lowerMma(op);
  if (ir::isOfWarpgroups(op))
    return lowerWgmma(op);
  if (op.getAsync())
    return fail(op, "is async, which only products of whole warpgroups are");
  if (!op.getBinding() || op.getBinding()->getInstruction() != "fma")
    return fail(op, "is bound to no instruction of this target");

  LinearLayout layout = ir::layoutOf(op.getType()).getLayout();
  Type type = op.getType().getElementType();
  bool areSlots = isa<ir::SlotType>(op.getA().getType()) && isa<ir::SlotType>(op.getB().getType());
  ArrayRef<int64_t> shapeA = cast<ShapedType>(isa<ir::SlotType>(op.getA().getType())
                                                  ? Type(cast<ir::SlotType>(op.getA().getType()).getTileType())
                                                  : op.getA().getType())
                                 .getShape();
  unsigned allKBits = llvm::Log2_64(shapeA[1]);
  Registers sums = registers(op.getAcc());
  unsigned kBits = allKBits;
  while (areSlots && kBits > 2 && (sums.size() << kBits) > kUnrolled)
    --kBits;

  /// One operand's elements, wherever they are, widened once each.
  struct Operand {
    Needed needed;
    Type element;
    bool isUnsigned;
    std::optional<SlotRegisters> slot;
    Registers tile;
    llvm::DenseMap<uint64_t, Value> wide;
  };
  auto get = [&](Operand &operand, int64_t row, uint64_t k) {
    uint64_t r = operand.needed.at(row, k);
    Value &wide = operand.wide[r];
    if (!wide)
      wide = widened(operand.slot ? operand.slot->get(r) : operand.tile[r], operand.element, operand.isUnsigned);
    return wide;
  };
  auto prepare = [&](Value value, bool isA, bool isUnsigned, Value chunk) -> std::optional<Operand> {
    Operand operand{neededOf(layout, isA, kBits, allKBits), {}, isUnsigned, {}, {}, llvm::DenseMap<uint64_t, Value>()};
    if (auto slotType = dyn_cast<ir::SlotType>(value.getType())) {
      const Slot &slot = slots.find(value)->second;
      operand.element = slotType.getElementType();
      // Where the chunk of k begins.
      LinearLayout shared = ir::sharedLayout(slotType.getShape(), operand.element, slotType.getSwizzle());
      LinearLayout places = shared.inverse();
      SmallVector<uint64_t> columns;
      uint64_t bits = 0;
      for (unsigned bit = kBits; bit < allKBits; ++bit) {
        columns.push_back(places.column(layout::axis(isA ? 1 : 0), bit) * ir::elementBytes(operand.element));
        bits |= columns.back();
      }
      Value moved = chunk && !columns.empty() ? linearOf(builder, loc, chunk, columns) : Value();
      operand.slot.emplace(*this, slot, operand.needed.layout, moved, moved ? bits : 0);
      return operand;
    }
    auto tileType = cast<RankedTensorType>(value.getType());
    operand.element = tileType.getElementType();
    std::optional<Registers> held =
        convert(ir::layoutOf(tileType).getLayout(), operand.needed.layout, registers(value));
    if (!held)
      return std::nullopt;
    operand.tile = std::move(*held);
    return operand;
  };
  auto multiply = [&](Registers acc, Value chunk) -> std::optional<Registers> {
    std::optional<Operand> a = prepare(op.getA(), true, op.getUnsignedA(), chunk),
                           b = prepare(op.getB(), false, op.getUnsignedB(), chunk);
    if (!a || !b)
      return std::nullopt;
    for (uint64_t k = 0; k < uint64_t(1) << kBits; ++k)
      for (auto [r, sum] : llvm::enumerate(acc)) {
        SmallVector<int64_t> at = registerCoordinates(layout, r);
        Value x = get(*a, at[0], k), y = get(*b, at[1], k);
        if (isa<FloatType>(type))
          sum = math::FmaOp::create(builder, loc, x, y, sum);
        else
          sum = make<arith::AddIOp>(make<arith::MulIOp>(x, y), sum);
      }
    return acc;
  };

  if (kBits == allKBits) {
    std::optional<Registers> made = multiply(sums, {});
    if (!made)
      return fail(op, "needs an operand from other warps, which should lie in shared memory by now");
    return setRegisters(op.getResult(), std::move(*made));
  }
  auto loop = scf::ForOp::create(builder, loc, i32(0), i32(int64_t(1) << (allKBits - kBits)), i32(1), sums);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    std::optional<Registers> made =
        multiply(Registers(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end()), loop.getInductionVar());
    scf::YieldOp::create(builder, loc, *made);
  }
  setRegisters(op.getResult(), Registers(loop.getResults().begin(), loop.getResults().end()));
}
