//===- LowerShared.cpp - Shared memory: copies, reads, writes, waits *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An asynchronous copy is dealt out over all threads of the program, in pieces as wide as its binding says. Each thread starts the copies of
// its own pieces; what of a piece lies outside the view is filled with zeros by the copy itself.
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"

#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Layout/Layouts.h"
#include "tile/Placement/Anchors.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::Dim;
using layout::LinearLayout;

//===----------------------------------------------------------------------===//
// Rings and slots
//===----------------------------------------------------------------------===//

/// Which slot of a ring is a ticket's. Tickets count up from 0.
Value Lowering::slotNumber(Value ticket, int64_t depth) {
  Value number = scalar(ticket);
  return llvm::isPowerOf2_64(depth) ? make<arith::AndIOp>(number, i32(depth - 1))
                                    : make<arith::RemUIOp>(number, i32(depth));
}

/// Where the slot of a ticket begins.
Value Lowering::slotOffset(Value ring, Value ticket) {
  auto op = ring.getDefiningOp<ir::RingOp>();
  int64_t depth = op.getType().getDepth(), bytes = ir::valueBytes(op.getType());
  Value begin = i32(op.getOffset().value_or(0));
  if (depth == 1)
    return begin;
  return make<arith::AddIOp>(make<arith::MulIOp>(slotNumber(ticket, depth), i32(bytes)), begin);
}

void Lowering::lowerRing(ir::RingOp op) {
  if (!op.getOffset())
    fail(op, "has no place in shared memory");
}

void Lowering::lowerScratch(ir::ScratchOp op) {
  if (!op.getOffset())
    return fail(op, "has no place in shared memory");
  Value begin = i32(*op.getOffset());
  if (team)
    begin = make<arith::AddIOp>(begin, ofTeam(ir::valueBytes(op.getSlot().getType())));
  slots[op.getSlot()] = {begin, op.getSlot().getType()};
}

void Lowering::lowerSlot(ir::SlotOp op) {
  slots[op.getSlot()] = {slotOffset(op.getRing(), op.getTicket()), op.getSlot().getType()};
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

/// Runs what follows only in threads whose bits in these masks are 0; the builder stands inside afterwards.
scf::IfOp Lowering::onlyWhereClear(uint64_t lanes, uint64_t warps) {
  if (lanes == 0 && warps == 0)
    return {};
  Value isFirst = compare(arith::CmpIPredicate::eq, make<arith::AndIOp>(threadValue, i32(lanes | warps << 5)), i32(0));
  auto branch = scf::IfOp::create(builder, loc, isFirst, /*withElseRegion=*/false);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  return branch;
}

void Lowering::lowerCopyAsync(ir::CopyAsyncOp op) {
  ir::BindingAttr binding = op.getBinding().value_or(ir::BindingAttr());
  if (binding && binding.getCopy() == ir::Copy::Tensor)
    return lowerTensorCopy(op);
  if (!binding || binding.getCopy() != ir::Copy::Async)
    return fail(op, "is no asynchronous copy: the others have become loads and writes by now");
  if (!ir::isZeroBits(op.getPadding()))
    return fail(op, "pads with something other than 0, which an asynchronous copy can't");

  ir::RingType ring = op.getRing().getType();
  int64_t bytes = ir::elementBytes(ring.getElementType());
  ir::AccessFacts facts = ir::accessFacts(op.getView(), op.getOffsets(), op.getWidths());
  SmallVector<unsigned> shape;
  for (int64_t extent : ring.getShape())
    shape.push_back(llvm::Log2_64(extent));
  unsigned unit = facts.unitAxis >= 0 ? facts.unitAxis : ring.getSwizzle().getUnit();
  unsigned vectorBits = llvm::Log2_64(std::max<int64_t>(1, binding.getBytes() / bytes));
  LinearLayout layout = layout::coalesced(shape, unit, vectorBits, /*laneBits=*/5, llvm::Log2_64(warpCount));
  LinearLayout offsets = layout.convertTo(ir::sharedLayout(ring.getShape(), ring.getElementType(), ring.getSwizzle()));
  // A piece must lie in one piece in the slot too.
  unsigned elements = 1 << layout::vectorBits(offsets, vectorBits).size();
  int64_t width = elements * bytes;
  if (width != 4 && width != 8 && width != 16)
    return fail(op, "copies pieces of " + Twine(width) + " bytes asynchronously, where 4, 8 and 16 are possible");

  AccessPlan plan = planAccess(op.getView(), op.getOffsets(), op.getWidths());
  if (ofProducer)
    saveRegisters(plan);
  Slot slot{slotOffset(op.getRing(), op.getTicket()),
            ir::SlotType::get(builder.getContext(), ring.getShape(), ring.getElementType(), ring.getSwizzle())};
  layout::Copies spare = layout::copies(layout);
  scf::IfOp branch = onlyWhereClear(spare.lanes, spare.warps);
  SharedTile target(*this, slot, offsets);
  // A piece that is cut off by the view's end is copied in part.
  bool isCut = facts.unitAxis < 0 || facts.wholeBytes < width;
  std::string kind = width == 16 ? "cp.async.cg.shared.global.L2::128B" : "cp.async.ca.shared.global";
  forEachPiece(plan, layout, elements, [&](const Piece &piece) {
    auto [base, immediate] = target.address(target.registerBytes(piece.first));
    std::string text = kind + " [$0+" + std::to_string(immediate) + "], [$1+" + std::to_string(piece.address.bytes) +
                       "], " + std::to_string(width);
    SmallVector<Value> operands{base, piece.address.pointer};
    if (!piece.inside) {
      assembly({}, text + ";", "r,l", operands, /*hasSideEffects=*/true);
      return;
    }
    Value inside = i32(width);
    if (isCut && elements > 1 && plan.counts[unit]) {
      Value at = coordinates(layout, piece.first)[unit];
      if (plan.starts[unit])
        at = make<arith::SubIOp>(at, plan.starts[unit]);
      Value left = make<arith::MinUIOp>(make<arith::SubIOp>(plan.counts[unit], at), i32(elements));
      inside = make<arith::MulIOp>(left, i32(bytes));
    }
    operands.push_back(select(piece.inside, inside, i32(0)));
    assembly({}, text + ", $2;", "r,l,r", operands, /*hasSideEffects=*/true);
  });
  if (branch)
    builder.setInsertionPointAfter(branch);
}

bool Lowering::findReadsOfProduced(ir::KernelOp kernel) {
  auto isRead = [](Operation *user) {
    auto dot = dyn_cast<ir::DotOp>(user);
    return isa<ir::ReadOp>(user) || (dot && !ir::isOfWarpgroups(dot));
  };
  return llvm::any_of(kernel.getBody().getOps<ir::RingOp>(), [&](ir::RingOp ring) {
    return placement::isFilledByProducer(ring) && llvm::any_of(ring->getUsers(), [&](Operation *user) {
             return isa<ir::SlotOp>(user) && llvm::any_of(user->getUsers(), isRead);
           });
  });
}

void Lowering::lowerWait(Operation *op) {
  // The assembler moves uses of what was read behind a barrier, and behind the arrival that gives a slot back, so that a read may be under way while a
  // tensor copy refills its slot. It keeps them before a fence (found on an H100: 1 in 24 launches of 4096 x 4096 x 4096 had wrong elements).
  if (isa<ir::BarrierOp>(op) && readsProduced)
    assembly({}, "fence.acq_rel.cta;", "~{memory}", {}, /*hasSideEffects=*/true);
  auto call = [&](StringRef name, ValueRange operands) {
    LLVM::CallIntrinsicOp::create(builder, loc, builder.getStringAttr(name), operands);
  };
  if (isa<ir::CommitGroupOp>(op))
    call("llvm.nvvm.cp.async.commit.group", {});
  else if (auto wait = dyn_cast<ir::WaitGroupOp>(op))
    call("llvm.nvvm.cp.async.wait.group", i32(wait.getPending()));
  else if (cast<ir::BarrierOp>(op).getWarpgroup())
    warpgroupBarrier();
  else
    barrier();
}

//===----------------------------------------------------------------------===//
// Reads and writes
//===----------------------------------------------------------------------===//

static LinearLayout sharedLayout(ir::SlotType type) {
  return ir::sharedLayout(type.getShape(), type.getElementType(), type.getSwizzle());
}

void Lowering::lowerRead(ir::ReadOp op) {
  const Slot &slot = slots.find(op.getSlot())->second;
  LinearLayout layout = ir::layoutOf(op.getType()).getLayout();
  SlotRegisters source(*this, slot, layout);
  Registers made;
  for (unsigned r = 0; r < uint64_t(1) << layout.in().bits(Dim::Register); ++r)
    made.push_back(fromMemory(source.get(r), op.getType().getElementType()));
  setRegisters(op.getResult(), std::move(made));
}

/// Stores neighbours in one access. Whole words are stored by inline PTX: LLVM would take them apart into 16-bit parts again, and miss that
/// two numbers are rounded to 16 bits by one instruction.
void Lowering::storeShared(SharedTile &target, uint64_t constantBytes, ArrayRef<Value> elements, Type memory) {
  int64_t bytes = memory.getIntOrFloatBitWidth() / 8 * elements.size();
  if (bytes < 4 || elements.size() == 1) {
    Value stored = elements.size() == 1 ? elements[0] : packVector(elements, memory);
    LLVM::StoreOp::create(builder, loc, stored, target.pointer(constantBytes), bytes);
    return;
  }
  auto [base, immediate] = target.address(constantBytes);
  int64_t count = bytes / 4;
  SmallVector<Value> operands{base};
  Type words = VectorType::get(count, builder.getI32Type());
  std::string list, constraints = "r";
  for (int64_t word = 0; word < count; ++word) {
    list += (word ? ", $" : "$") + std::to_string(word + 1);
    constraints += ",r";
  }
  // Word by word, as rounding goes by pairs.
  if (memory.getIntOrFloatBitWidth() <= 32) {
    size_t inWord = elements.size() / count;
    for (ArrayRef<Value> rest = elements; !rest.empty(); rest = rest.drop_front(inWord)) {
      Value word = inWord == 1 ? rest[0] : packVector(rest.take_front(inWord), memory);
      operands.push_back(LLVM::BitcastOp::create(builder, loc, builder.getI32Type(), word));
    }
  } else {
    llvm::append_range(operands,
                       unpackVector(LLVM::BitcastOp::create(builder, loc, words, packVector(elements, memory))));
  }
  std::string text = std::string("st.shared") + (count > 1 ? ".v" + std::to_string(count) : "") + ".b32 [$0+" +
                     std::to_string(immediate) + "], " + (count > 1 ? "{" + list + "}" : list) + ";";
  assembly({}, text, constraints, operands, /*hasSideEffects=*/true);
}

/// Stores 8 by 8 matrices of 16-bit words, where the registers and the slot lie for it.
bool Lowering::storeMatrices(const Slot &slot, const LinearLayout &layout, const Registers &value) {
  Type element = slot.type.getElementType();
  constexpr unsigned kFirstArchitecture = 90;
  layout::Copies spare = layout::copies(layout);
  if (architecture() < kFirstArchitecture || spare.registers || spare.lanes || spare.warps)
    return false;
  int64_t bytes = ir::elementBytes(element), perWord = 4 / bytes;
  std::optional<layout::MatrixPlan> plan = layout::planMatrixLoads(layout, sharedLayout(slot.type), bytes);
  if (!plan)
    return false;
  SharedTile rows(*this, slot, plan->laneBytes, plan->warpBytes);
  std::string list, constraints = "r";
  for (unsigned word = 1; word <= plan->matrices; ++word) {
    list += (word > 1 ? ", $" : "$") + std::to_string(word);
    constraints += ",r";
  }
  for (auto [index, loadBytes] : llvm::enumerate(plan->loadBytes)) {
    auto [base, immediate] = rows.address(loadBytes);
    SmallVector<Value> operands{base};
    for (unsigned word = 0; word < plan->matrices; ++word) {
      SmallVector<Value> elements;
      for (int64_t part = 0; part < perWord; ++part)
        elements.push_back(toMemory(value[(index * plan->matrices + word) * perWord + part], element));
      Value packed = perWord == 1 ? elements[0] : packVector(elements, memoryType(element));
      operands.push_back(LLVM::BitcastOp::create(builder, loc, builder.getI32Type(), packed));
    }
    assembly({},
             "stmatrix.sync.aligned.m8n8.x" + std::to_string(plan->matrices) + (plan->transposed ? ".trans" : "") +
                 ".shared.b16 [$0+" + std::to_string(immediate) + "], {" + list + "};",
             constraints, operands, /*hasSideEffects=*/true);
  }
  return true;
}

void Lowering::lowerWrite(ir::WriteOp op) {
  const Slot &slot = slots.find(op.getSlot())->second;
  LinearLayout layout = ir::layoutOf(op.getValue().getType()).getLayout();
  const Registers &value = registers(op.getValue());
  if (!op.getStart())
    return writeRegisters(slot, layout, value);
  std::optional<ir::LayoutPart> part = ir::partOf(layout, *op.getStart(), slot.type.getShape());
  Registers taken;
  for (unsigned r : part->registers)
    taken.push_back(value[r]);
  writeRegisters(slot, part->layout, taken);
}

void Lowering::writeRegisters(const Slot &slot, const LinearLayout &layout, const Registers &value) {
  if (storeMatrices(slot, layout, value))
    return;
  Type element = slot.type.getElementType(), memory = memoryType(element);
  int64_t bytes = ir::elementBytes(element);
  LinearLayout offsets = layout.convertTo(sharedLayout(slot.type));
  SmallVector<unsigned> bits = layout::vectorBits(offsets, llvm::Log2_64(16 / bytes));
  layout::Copies spare = layout::copies(layout);
  scf::IfOp branch = onlyWhereClear(spare.lanes, spare.warps);
  SharedTile target(*this, slot, offsets);
  uint64_t inVector = 0;
  for (unsigned bit : bits)
    inVector |= uint64_t(1) << bit;
  for (uint64_t r = 0; r < value.size(); ++r) {
    if (r & (inVector | spare.registers))
      continue;
    SmallVector<Value> elements;
    for (unsigned index = 0; index < uint64_t(1) << bits.size(); ++index)
      elements.push_back(toMemory(value[r | spread(index, bits)], element));
    storeShared(target, target.registerBytes(r), elements, memory);
  }
  if (branch)
    builder.setInsertionPointAfter(branch);
}
