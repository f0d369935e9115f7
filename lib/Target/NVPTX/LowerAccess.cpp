//===- LowerAccess.cpp - Loads and stores of global memory ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// An access is made of pieces: registers whose elements are next to each other in memory and move at once, up to 16 bytes. A piece
// lies inside its view or outside, and moves under a predicate; inline PTX keeps that free of branches. Padding is what the
// registers hold before.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::Dim;
using layout::LinearLayout;
using layout::Space;

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// The bits of a dimension whose columns are zero: places that differ in them alone hold the same element.
static uint64_t copyBits(const LinearLayout &layout, Dim dim) {
  uint64_t bits = 0;
  for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
    if (layout.column(dim, bit) == 0)
      bits |= uint64_t(1) << bit;
  return bits;
}

Value Lowering::isHolder(const LinearLayout &layout) {
  uint64_t copies = copyBits(layout, Dim::Lane) | copyBits(layout, Dim::Warp) << 5;
  if (!copies)
    return {};
  return compare(arith::CmpIPredicate::eq, make<arith::AndIOp>(threadValue, i32(copies)), i32(0));
}

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

unsigned Lowering::vectorElements(const LinearLayout &layout, int64_t unitAxis, int64_t elementBytes, int64_t bytes) {
  if (unitAxis < 0)
    return 1;
  Dim axis = layout::axis(unitAxis);
  uint64_t count =
      std::min<uint64_t>(std::max<int64_t>(bytes / elementBytes, 1), layout.contiguous(Dim::Register, axis));
  // Whatever else places a piece leaves its elements in a row.
  unsigned inPiece = llvm::Log2_64(count), position = 0;
  uint64_t others = 0;
  for (const Space::Entry &dim : layout.in().dims())
    for (unsigned bit = 0; bit < dim.bits; ++bit, ++position)
      if (dim.dim != Dim::Register || bit >= inPiece)
        others |= layout.out().unpack(axis, layout.columns()[position]);
  while (others & (count - 1))
    count /= 2;
  return count;
}

bool Lowering::addsRegisters(const LinearLayout &layout, unsigned axis) {
  uint64_t ofThread = 0, ofRegister = 0;
  unsigned position = 0;
  for (const Space::Entry &dim : layout.in().dims())
    for (unsigned bit = 0; bit < dim.bits; ++bit, ++position)
      (dim.dim == Dim::Register ? ofRegister : ofThread) |=
          layout.out().unpack(layout::axis(axis), layout.columns()[position]);
  return !(ofThread & ofRegister);
}

void Lowering::forEachPiece(AccessPlan &plan, const LinearLayout &layout, unsigned elements,
                            function_ref<void(const Piece &)> body) {
  Type pointer = plan.base.getType(), memory = memoryType(plan.element);
  auto toOffset = [&](Value coordinate) {
    return plan.offsetType == coordinate.getType()
               ? coordinate
               : builder.createOrFold<arith::ExtUIOp>(loc, plan.offsetType, coordinate);
  };
  uint64_t copies = copyBits(layout, Dim::Register);
  unsigned rank = plan.strides.size();
  // What lane and warp add, and which bits of a coordinate they may set: where a register sets the same bits, the two don't just add.
  SmallVector<Value> threadAt = threadCoordinates(layout);
  SmallVector<bool> adds(rank, true);
  Value threadOffset = plan.offset;
  for (unsigned axis = 0; axis < rank; ++axis) {
    adds[axis] = addsRegisters(layout, axis);
    if (adds[axis])
      threadOffset =
          make<arith::AddIOp>(make<arith::MulIOp>(toOffset(threadAt[axis]), plan.strides[axis]), threadOffset);
  }
  // Along the unit axis pieces of one row are told apart by constants, if the row's first element is sure to have an address: it
  // is inside whenever a later one is.
  bool sharesRows =
      plan.unitAxis >= 0 && adds[plan.unitAxis] && (plan.offsetType == indexType || !plan.starts[plan.unitAxis]);
  std::map<SmallVector<int64_t>, Value> rows;
  bool goesOn = plan.isFrugal && llvm::all_of(adds, [](bool each) { return each; });
  if (goesOn)
    threadOffset = renewed(threadOffset);
  SmallVector<int64_t> before(rank, 0);
  for (unsigned r = 0; r < uint64_t(1) << layout.in().bits(Dim::Register); r += elements) {
    if (r & copies)
      continue;
    SmallVector<int64_t> at = registerCoordinates(layout, r);
    Piece piece{r, elements, {}, insideTest(plan, layout, r)};
    if (sharesRows)
      piece.address.bytes = std::exchange(at[plan.unitAxis], 0) * ir::elementBytes(plan.element);
    Value &row = rows[at];
    if (!row) {
      Value offset = threadOffset;
      for (unsigned axis = 0; axis < rank; ++axis) {
        Value coordinate = intConstant(at[axis] - before[axis], plan.offsetType);
        if (!adds[axis])
          coordinate = toOffset(make<arith::XOrIOp>(threadAt[axis], i32(at[axis])));
        offset = make<arith::AddIOp>(make<arith::MulIOp>(coordinate, plan.strides[axis]), offset);
      }
      if (goesOn) {
        threadOffset = offset;
        before = at;
      }
      row = LLVM::GEPOp::create(builder, loc, pointer, memory, plan.base, ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(offset)});
    }
    piece.address.pointer = row;
    body(piece);
  }
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {
/// The registers that the instruction for a piece takes: as few as there are, of the same width.
struct Words {
  unsigned count, bytes;
  Words(int64_t total, int64_t elementBytes)
      : count(elementBytes == 8 ? total / 8 : std::max<int64_t>(total / 4, 1)),
        bytes(elementBytes == 8 ? 8 : std::min<int64_t>(total, 4)) {}
  /// What PTX calls such a register's contents, and how LLVM constrains it. A byte travels in 16 bits.
  std::string suffix() const {
    return (count > 1 ? ".v" + std::to_string(count) : "") + ".b" + std::to_string(8 * bytes);
  }
  unsigned registerBits() const { return std::max(8 * bytes, 16u); }
  char letter() const { return bytes == 8 ? 'l' : bytes == 4 ? 'r' : 'h'; }
  /// `$first`, or `{$first, …}`.
  std::string operands(unsigned first) const {
    std::string list;
    for (unsigned i = 0; i < count; ++i)
      list += (i ? ", $" : "$") + std::to_string(first + i);
    return count > 1 ? "{" + list + "}" : list;
  }
};
} // namespace

/// `[$operand + bytes]`.
static std::string addressText(unsigned operand, int64_t bytes) {
  return "[$" + std::to_string(operand) + (bytes ? " + " + std::to_string(bytes) : "") + "]";
}

/// The bits of a constant as they are in memory.
static APInt bitsOf(TypedAttr value) {
  if (auto number = dyn_cast<FloatAttr>(value))
    return number.getValue().bitcastToAPInt();
  return cast<IntegerAttr>(value).getValue();
}

Registers Lowering::loadPiece(const Piece &piece, Type element, TypedAttr padding, bool constantMemory) {
  Type memory = memoryType(element);
  int64_t elementBytes = ir::elementBytes(element);
  Words words(piece.count * elementBytes, elementBytes);
  std::string text, constraints;
  if (piece.inside) {
    uint64_t pad = bitsOf(padding).getZExtValue();
    for (int64_t filled = elementBytes; filled < words.bytes; filled *= 2)
      pad |= pad << 8 * filled;
    for (unsigned i = 0; i < words.count; ++i)
      text += "mov.b" + std::to_string(words.registerBits()) + " $" + std::to_string(i) + ", 0x" +
              llvm::utohexstr(pad) + "; ";
    text += "@$" + std::to_string(words.count + 1) + " ";
  }
  text += std::string("ld.global") + (constantMemory && loadsMayMove() ? ".nc" : "") + words.suffix() + " " +
          words.operands(0) + ", " + addressText(words.count, piece.address.bytes) + ";";
  // Padding is written before the address is read for the last time.
  for (unsigned i = 0; i < words.count; ++i)
    constraints += std::string(piece.inside ? "=&" : "=") + words.letter() + ",";
  constraints += "l";
  SmallVector<Value> operands{piece.address.pointer};
  if (piece.inside) {
    constraints += ",b";
    operands.push_back(piece.inside);
  }
  Type word = builder.getIntegerType(words.registerBits());
  Operation *load = assembly(SmallVector<Type>(words.count, word), text, constraints, operands, !constantMemory);
  Registers made;
  for (unsigned i = 0; i < words.count; ++i) {
    Value loaded = words.count == 1 ? load->getResult(0)
                                    : Value(LLVM::ExtractValueOp::create(builder, loc, load->getResult(0), i));
    if (words.bytes == elementBytes) {
      if (words.bytes == 1)
        loaded = arith::TruncIOp::create(builder, loc, builder.getI8Type(), loaded);
      if (loaded.getType() != memory)
        loaded = arith::BitcastOp::create(builder, loc, memory, loaded);
      made.push_back(fromMemory(loaded, element));
      continue;
    }
    int64_t inWord = words.bytes / elementBytes;
    Value vector = LLVM::BitcastOp::create(builder, loc, VectorType::get(inWord, memory), loaded);
    for (int64_t j = 0; j < inWord; ++j)
      made.push_back(fromMemory(LLVM::ExtractElementOp::create(builder, loc, vector, i32(j)), element));
  }
  return made;
}

void Lowering::storePiece(const Piece &piece, ValueRange elements, Type element) {
  Type memory = memoryType(element);
  int64_t elementBytes = ir::elementBytes(element);
  Words words(piece.count * elementBytes, elementBytes);
  Type word = builder.getIntegerType(words.registerBits());
  SmallVector<Value> operands{piece.address.pointer};
  std::string constraints = "l";
  for (unsigned i = 0; i < words.count; ++i) {
    constraints += std::string(",") + words.letter();
    int64_t inWord = std::max<int64_t>(words.bytes / elementBytes, 1);
    Value stored;
    if (inWord == 1) {
      stored = toMemory(elements[i], element);
      if (!isa<IntegerType>(memory))
        stored = arith::BitcastOp::create(builder, loc, builder.getIntegerType(8 * elementBytes), stored);
      if (words.bytes == 1)
        stored = arith::ExtUIOp::create(builder, loc, word, stored);
    } else {
      SmallVector<Value> parts;
      for (int64_t j = 0; j < inWord; ++j)
        parts.push_back(toMemory(elements[i * inWord + j], element));
      stored = LLVM::BitcastOp::create(builder, loc, word, packVector(parts, memory));
    }
    operands.push_back(stored);
  }
  std::string text;
  if (piece.inside) {
    text = "@$" + std::to_string(words.count + 1) + " ";
    constraints += ",b";
    operands.push_back(piece.inside);
  }
  text += "st.global" + words.suffix() + " " + addressText(0, piece.address.bytes) + ", " + words.operands(1) + ";";
  assembly({}, text, constraints, operands, /*hasSideEffects=*/true);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// The address of the one element that an access of bare indices names.
static Value elementAddress(OpBuilder &builder, Location loc, Value base, Type memory, Value offset) {
  return LLVM::GEPOp::create(builder, loc, base.getType(), memory, base, ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(offset)});
}

void Lowering::lowerLoad(ir::LoadOp op) {
  AccessPlan plan = planAccess(op.getView(), op.getOffsets(), op.getWidths());
  TypedAttr padding = op.getPadding();
  bool isConstant = op.readsConstantMemory();
  if (isConstant)
    plan.offset = behindFirstLoads(plan.offset);
  ir::LayoutAttr attribute = ir::layoutOf(op.getType());
  if (!attribute) {
    Value address = elementAddress(builder, loc, plan.base, memoryType(plan.element), plan.offset);
    return setRegisters(op.getResult(), loadPiece({0, 1, {address}, plan.inside}, plan.element, padding, isConstant));
  }
  LinearLayout layout = attribute.getLayout();
  int64_t elementBytes = ir::elementBytes(plan.element);
  unsigned elements =
      vectorElements(layout, plan.unitAxis, elementBytes, op.getBinding() ? op.getBinding()->getBytes() : elementBytes);
  Registers made(attribute.getNumRegisters());
  forEachPiece(plan, layout, elements, [&](const Piece &piece) {
    llvm::copy(loadPiece(piece, plan.element, padding, isConstant), made.begin() + piece.first);
  });
  uint64_t copies = copyBits(layout, Dim::Register);
  for (auto [r, value] : llvm::enumerate(made))
    value = made[r & ~copies];
  setRegisters(op.getResult(), std::move(made));
}

void Lowering::lowerStore(ir::StoreOp op) {
  AccessPlan plan = planAccess(op.getView(), op.getOffsets(), op.getWidths());
  ir::LayoutAttr attribute = ir::layoutOf(op.getValue().getType());
  if (!attribute) {
    Value address = elementAddress(builder, loc, plan.base, memoryType(plan.element), plan.offset);
    Value isFirst = compare(arith::CmpIPredicate::eq, threadValue, i32(0));
    return storePiece({0, 1, {address}, bothOf(plan.inside, isFirst)}, scalar(op.getValue()), plan.element);
  }
  LinearLayout layout = attribute.getLayout();
  int64_t elementBytes = ir::elementBytes(plan.element);
  unsigned elements =
      vectorElements(layout, plan.unitAxis, elementBytes, op.getBinding() ? op.getBinding()->getBytes() : elementBytes);
  // Of those that hold the same element, one stores it.
  plan.inside = bothOf(plan.inside, isHolder(layout));
  Registers stored = registers(op.getValue());
  forEachPiece(plan, layout, elements, [&](const Piece &piece) {
    storePiece(piece, ValueRange(stored).slice(piece.first, piece.count), plan.element);
  });
}
