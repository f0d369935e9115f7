//===- DotWgmma.cpp - Products of four warps together --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Products by wgmma: a warpgroup multiplies 64 rows of A with up to 256 columns of B, both read from shared memory past the registers, while
// the warps go on. The accumulators stand in the registers of all four warps as mma.sync's would, warps along the rows. A may be in
// registers too, again as mma.sync has it. While a product is under way its registers are not to be touched, so that one that is not waited for
// at once has some of its own.
//
// An operand is named by a descriptor: where it starts, and how far its parts lie from each other. From the PTX manual, "Asynchronous warpgroup
// level matrix shared memory layout": with k along the rows, the stride is that of eight rows. With m or n along the rows, the stride is that
// of eight steps of k, and the leading offset that of panels. Within a panel of a swizzled tile, addresses count as if it weren't swizzled.
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Layout/Layouts.h"
#include "tile/Placement/Anchors.h"

#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::Dim;
using layout::LinearLayout;

static constexpr int64_t kRows = 64, kStepBytes = 32;

//===----------------------------------------------------------------------===//
// Accumulators
//===----------------------------------------------------------------------===//

namespace {
/// How a layout of accumulators is cut into those of single instructions.
struct Accumulators {
  /// The bits of a register's number within an instruction's, lowest first, and the columns that these are.
  SmallVector<unsigned> inner;
  int64_t columns = 8;
  /// The other bits, each with the rows or columns that it adds.
  struct Outer {
    unsigned bit;
    int64_t row, column;
  };
  SmallVector<Outer> outer;
  /// What bits of the warp's number from 2 on add.
  SmallVector<std::pair<int64_t, int64_t>> groups;
};
} // namespace

static std::optional<Accumulators> accumulators(const LinearLayout &layout) {
  using Place = std::pair<int64_t, int64_t>;
  auto places = [&](Dim dim) {
    SmallVector<Place> result;
    for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit) {
      uint64_t column = layout.column(dim, bit);
      result.push_back({static_cast<int64_t>(layout.out().unpack(layout::axis(0), column)),
                        static_cast<int64_t>(layout.out().unpack(layout::axis(1), column))});
    }
    return result;
  };
  SmallVector<Place> registers = places(Dim::Register), warps = places(Dim::Warp);
  const SmallVector<Place> lanes{{0, 2}, {0, 4}, {1, 0}, {2, 0}, {4, 0}};
  if (places(Dim::Lane) != lanes || warps.size() < 2 || warps[0] != Place(16, 0) || warps[1] != Place(32, 0))
    return std::nullopt;
  Accumulators result;
  for (Place each : ArrayRef<Place>(warps).drop_front(2)) {
    if (each.first != 0 && each.first < kRows)
      return std::nullopt;
    result.groups.push_back(each);
  }
  auto take = [&](Place place) {
    const Place *found = llvm::find(registers, place);
    if (found == registers.end())
      return false;
    result.inner.push_back(found - registers.begin());
    return true;
  };
  if (!take({0, 1}) || !take({8, 0}))
    return std::nullopt;
  constexpr int64_t kMostColumns = 256;
  while (result.columns < kMostColumns && take({0, result.columns}))
    result.columns *= 2;
  for (auto [bit, place] : llvm::enumerate(registers)) {
    if (llvm::is_contained(result.inner, bit))
      continue;
    if ((place.first != 0 && place.first < kRows) || place == Place(0, 0))
      return std::nullopt;
    result.outer.push_back({static_cast<unsigned>(bit), place.first, place.second});
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

namespace {
/// An operand in a slot. `k` is its axis along k, and the other one that along m or n.
struct SlotOperand {
  ir::SlotType type;
  unsigned k;

  int64_t bytes() const { return ir::elementBytes(type.getElementType()); }
  bool isAlongK() const { return type.getSwizzle().getUnit() == k; }
  int64_t span() const {
    return std::min(type.getSwizzle().getSpan(), type.getShape()[type.getSwizzle().getUnit()] * bytes());
  }
  int64_t panelBytes() const { return type.getShape()[1 - type.getSwizzle().getUnit()] * span(); }
  /// Where an element lies, were it not for the swizzle.
  int64_t offset(int64_t other, int64_t alongK) const {
    int64_t unit = (isAlongK() ? alongK : other) * bytes(), row = isAlongK() ? other : alongK;
    return unit / span() * panelBytes() + row * span() + unit % span();
  }
  /// What a descriptor says beside the address.
  uint64_t descriptorBits() const {
    uint64_t mode = span() == 128 ? 1 : span() == 64 ? 2 : 3;
    uint64_t leading = isAlongK() ? 1 : panelBytes() / 16, stride = 8 * span() / 16;
    return mode << 62 | stride << 32 | leading << 16;
  }
};
} // namespace

/// The name of an instruction's types, with whether it has its operands' orders as arguments. Empty when there is none.
static std::string typeNames(ir::DotOp op, Type a, Type b) {
  auto f8Name = [](Type type) -> std::string {
    return isa<Float8E4M3FNType>(type) ? "e4m3" : isa<Float8E5M2Type>(type) ? "e5m2" : "";
  };
  if (a.isBF16() && b.isBF16())
    return "f32.bf16.bf16";
  if (a.isF16() && b.isF16())
    return "f32.f16.f16";
  if (a.isF32() && b.isF32() && op.getPrecision() == ir::Precision::TF32)
    return "f32.tf32.tf32";
  if (!f8Name(a).empty() && !f8Name(b).empty())
    return "f32." + f8Name(a) + "." + f8Name(b);
  if (a.isInteger(8) && b.isInteger(8))
    return std::string("s32.") + (op.getUnsignedA() ? "u8." : "s8.") + (op.getUnsignedB() ? "u8" : "s8");
  return "";
}

/// The descriptor of an operand's first block of this warpgroup, whose blocks lie `moved` bytes from the slot's start.
Value Lowering::descriptor(Value operand, unsigned alongK, Value moved) {
  const Slot &slot = slots.find(operand)->second;
  Value address = make<arith::AddIOp>(sharedAddress(slot.offset), moved);
  Value encoded = arith::ExtUIOp::create(builder, loc, builder.getI64Type(), make<arith::ShRUIOp>(address, i32(4)));
  auto bits = static_cast<int64_t>(SlotOperand{slot.type, alongK}.descriptorBits());
  return make<arith::OrIOp>(encoded, intConstant(bits, builder.getI64Type()));
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// `$0, $1, …` for operands that are results too: the list of constraints of `count` such.
static std::string tied(size_t count, Type type) {
  std::string constraints;
  for (size_t index = 0; index < count; ++index)
    constraints += (index ? "," : "") + std::string(type.isF32() ? "=f" : "=r");
  return constraints;
}

/// Whether all registers are the constant zero. A product needn't read them then.
static bool areZero(ArrayRef<Value> sums) {
  return llvm::all_of(sums,
                      [](Value sum) { return matchPattern(sum, m_PosZeroFloat()) || matchPattern(sum, m_Zero()); });
}

bool Lowering::overwritesFirst(scf::ForOp op) const {
  return llvm::any_of(llvm::zip_equal(op.getRegionIterArgs(), op.getInitArgs()), [&](auto each) {
    auto [sum, init] = each;
    if (!ir::layoutOf(sum.getType()) || !sum.hasOneUse() || !areZero(registers(init)))
      return false;
    auto product = dyn_cast<ir::DotOp>(*sum.user_begin());
    return product && product->getBlock() == op.getBody() && product.getAcc() == sum && ir::isOfWarpgroups(product);
  });
}

/// A tile's registers as an instruction takes them, in words of 32 bits.
SmallVector<Value> Lowering::operandWords(ir::DotOp op, const LinearLayout &layout) {
  Value operand = op.getA();
  LinearLayout held = ir::layoutOf(operand.getType()).getLayout();
  std::optional<Registers> elements = held == layout ? registers(operand) : convert(held, layout, registers(operand));
  if (!elements) {
    fail(op, "has an operand in registers of other warps");
    return {};
  }
  size_t perWord = 4 / ir::elementBytes(getElementTypeOrSelf(operand.getType()));
  SmallVector<Value> words;
  for (size_t first = 0; first < elements->size(); first += perWord) {
    SmallVector<Value> parts(ArrayRef(*elements).slice(first, perWord));
    Value word = perWord == 1 ? parts[0] : packVector(parts, parts[0].getType());
    words.push_back(LLVM::BitcastOp::create(builder, loc, builder.getI32Type(), word));
  }
  return words;
}

void Lowering::lowerWgmma(ir::DotOp op) {
  auto slotA = dyn_cast<ir::SlotType>(op.getA().getType()), slotB = dyn_cast<ir::SlotType>(op.getB().getType());
  if (!slotB)
    return fail(op, "has an operand that isn't in shared memory");
  Type element = slotA ? slotA.getElementType() : getElementTypeOrSelf(op.getA().getType());
  int64_t depth = slotB.getShape()[0], bytes = ir::elementBytes(element);
  SlotOperand a{slotA, 1}, b{slotB, 0};
  std::string types = typeNames(op, element, slotB.getElementType());
  if (types.empty())
    return fail(op, "has operands that no instruction of a warpgroup multiplies");
  for (const SlotOperand &operand : {a, b}) {
    constexpr int64_t kShortest = 32, kTransposable = 2;
    if (!operand.type)
      continue;
    if (operand.span() < kShortest)
      return fail(op, "has an operand that isn't swizzled for instructions of warpgroups");
    if (!operand.isAlongK() && (operand.bytes() != kTransposable || element.isF32()))
      return fail(op, "has an operand whose rows don't run along k, which only 16-bit floats may do");
  }
  std::optional<Accumulators> acc = accumulators(ir::layoutOf(op.getType()).getLayout());
  if (!acc)
    return fail(op, "has an accumulator that isn't laid out for instructions of warpgroups");

  // How far this warpgroup's first block is from the operands' starts; the same in all its threads, which the assembler is told.
  int64_t movedA = 0, movedB = 0, rowsOfGroups = kRows;
  unsigned groupsM = 0;
  SmallVector<uint64_t> warpsA(2, 0), warpsB(2, 0);
  for (auto [row, column] : acc->groups) {
    warpsA.push_back(slotA ? a.offset(row, 0) : 0);
    warpsB.push_back(b.offset(column, 0));
    movedA |= warpsA.back();
    movedB |= warpsB.back();
    groupsM += row != 0;
  }
  rowsOfGroups <<= groupsM;
  SmallVector<Value> inputs;
  if (slotA)
    inputs.push_back(descriptor(op.getA(), 1, movedA ? uniform(warpsA) : i32(0)));
  inputs.push_back(descriptor(op.getB(), 0, movedB ? uniform(warpsB) : i32(0)));
  SmallVector<Value> words;
  if (!slotA) {
    ArrayRef<int64_t> shape = op.getType().getShape();
    constexpr unsigned kWarpsM = 2;
    unsigned warpBits = acc->groups.size() + kWarpsM;
    words = operandWords(op, layout::mmaTile(layout::MmaOperand::A, {llvm::Log2_64(shape[0]), llvm::Log2_64(depth)},
                                             bytes, kWarpsM + groupsM, warpBits - kWarpsM - groupsM));
    if (words.empty())
      return;
    llvm::append_range(inputs, words);
  }

  // All instructions of the product are one piece of text, so that nothing comes between them.
  Registers sums = registers(op.getAcc());
  bool overwrites = areZero(sums);
  size_t count = sums.size(), read = overwrites ? 0 : count;
  int64_t step = kStepBytes / bytes, steps = depth / step;
  std::string text = "{\n\t.reg .pred %adds;\n\t.reg .b64 %a, %b;\n\tsetp.ne.b32 %adds, 1, 0;\n\t";
  if (overwrites)
    text += ".reg .pred %overwrites;\n\tsetp.ne.b32 %overwrites, 0, 0;\n\t";
  size_t firstWord = count + read + 1;
  auto wordName = [&](size_t word) {
    return op.getAsync() ? "%word" + std::to_string(word) : "$" + std::to_string(firstWord + word);
  };
  if (op.getAsync() && !words.empty()) {
    text += ".reg .b32 %word<" + std::to_string(words.size()) + ">;\n\t";
    for (size_t word = 0; word < words.size(); ++word)
      text += "mov.b32 " + wordName(word) + ", $" + std::to_string(firstWord + word) + ";\n\t";
  }
  text += "wgmma.fence.sync.aligned;\n\t";
  std::string name = "wgmma.mma_async.sync.aligned.m64n" + std::to_string(acc->columns) + "k" + std::to_string(step) +
                     "." + types + " {";
  std::string last;
  if (!element.isInteger(8))
    last += ", 1, 1";
  if (bytes == 2)
    last += std::string(!slotA ? "" : a.isAlongK() ? ", 0" : ", 1") + (b.isAlongK() ? ", 0" : ", 1");
  std::string startA = "$" + std::to_string(count + read),
              startB = "$" + std::to_string(count + read + (slotA ? 1 : 0));
  for (int64_t k = 0; k < steps; ++k)
    for (uint64_t block = 0; block < uint64_t(1) << acc->outer.size(); ++block) {
      uint64_t first = 0;
      int64_t row = 0, column = 0;
      for (auto [index, outer] : llvm::enumerate(acc->outer)) {
        if (!(block >> index & 1))
          continue;
        first |= uint64_t(1) << outer.bit;
        row += outer.row;
        column += outer.column;
      }
      std::string sourceA = "%a";
      if (slotA) {
        text += "add.s64 %a, " + startA + ", " + std::to_string(a.offset(row, k * step) / 16) + ";\n\t";
      } else {
        constexpr int64_t kWords = 4;
        int64_t word = kWords * (k + steps * (row / rowsOfGroups));
        sourceA = "{" + wordName(word) + ", " + wordName(word + 1) + ", " + wordName(word + 2) + ", " +
                  wordName(word + 3) + "}";
      }
      text += "add.s64 %b, " + startB + ", " + std::to_string(b.offset(column, k * step) / 16) + ";\n\t" + name;
      for (uint64_t index = 0; index < uint64_t(1) << acc->inner.size(); ++index)
        text += (index ? ", $" : "$") + std::to_string(first | spread(index, acc->inner));
      text += "}, " + sourceA + ", %b, " + (overwrites && k == 0 ? "%overwrites" : "%adds") + last + ";\n\t";
    }
  text += "wgmma.commit_group.sync.aligned;\n\t";
  if (!op.getAsync())
    text += "wgmma.wait_group.sync.aligned 0;\n\t";
  text += "}";
  Type type = sums.front().getType();
  std::string constraints = tied(count, type);
  for (size_t index = 0; index < read; ++index)
    constraints += "," + std::to_string(index);
  constraints += slotA ? ",l,l" : ",l";
  for (size_t word = 0; word < words.size(); ++word)
    constraints += ",r";
  SmallVector<Value> operands(ArrayRef(sums).take_front(read));
  llvm::append_range(operands, inputs);
  Operation *product =
      assembly(SmallVector<Type>(count, type), text, constraints + ",~{memory}", operands, /*hasSideEffects=*/true);
  setRegisters(op.getResult(), resultsOf(product, count));
}

SmallVector<Value> Lowering::waitForProducts(uint64_t pending, ValueRange operands) {
  std::string text = "wgmma.wait_group.sync.aligned " + std::to_string(pending) + ";";
  if (operands.empty()) {
    assembly({}, text, "~{memory}", {}, /*hasSideEffects=*/true);
    return {};
  }
  // What is waited for goes through, so that nothing reads it before.
  std::string constraints;
  for (Value operand : operands)
    constraints += (constraints.empty() ? "" : ",") + tied(1, operand.getType());
  for (size_t index = 0; index < operands.size(); ++index)
    constraints += "," + std::to_string(index);
  Operation *wait = assembly(operands.getTypes(), text, constraints + ",~{memory}", operands, /*hasSideEffects=*/true);
  return resultsOf(wait, operands.size());
}

void Lowering::lowerDotWait(ir::DotWaitOp op) {
  SmallVector<Value> values = flat(op.getValues());
  bindFlat(op.getResults(), isWaitedFor(op) ? values : waitForProducts(op.getPending(), values));
}
