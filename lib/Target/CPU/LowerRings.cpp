//===- LowerRings.cpp - Rings and their protocol ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A ring is a scratch buffer of as many slots as it is deep. On one thread a copy may as well be done where it is issued, and then
// the protocol is nothing. In late mode every op of the protocol is a call to the runtime, which keeps the state of each slot,
// does the copies of a ticket at its `await`, and fills the slot with poison before and after.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

void Lowering::lowerRing(ir::RingOp op) {
  ir::RingType type = op.getType();
  RankedTensorType tile = type.getTileType();
  Ring ring;
  ring.slotBytes = llvm::alignTo(ir::valueBytes(tile), ScratchPlan::kAlignment);
  std::string name;
  llvm::raw_string_ostream(name) << "a ring of " << type.getDepth() << " times " << tile;
  ring.buffer = scratch.create(ring.slotBytes * type.getDepth(), name);
  // Its contents live from one op to another by the protocol alone.
  scratch.keep(ring.buffer);
  auto ptr =
      LLVM::GEPOp::create(entryBuilder, loc, ptrType, builder.getI8Type(), scratchPtr, ArrayRef<LLVM::GEPArg>{0});
  bufferPtrs.push_back(ptr);
  ring.ptr = ptr;
  ring.id = rings.size();
  rings[op.getRing()] = ring;
  if (late)
    call("tile_cpu_late_ring",
         {worker, intConstant(ring.id, i64Type), ring.ptr, intConstant(type.getDepth(), i64Type),
          intConstant(ring.slotBytes, i64Type), intConstant(isa<FloatType>(type.getElementType()), i64Type)});
}

/// The memory of a ticket's slot.
Place Lowering::slot(Value ringValue, Value ticket) {
  const Ring &ring = rings[ringValue];
  auto type = cast<ir::RingType>(ringValue.getType());
  Value depth = intConstant(type.getDepth(), builder.getI32Type());
  Value number = make<arith::RemUIOp>(scalar(ticket), depth);
  Value index = arith::IndexCastUIOp::create(builder, loc, indexType, number);
  Value ptr = offsetPtr(ring.ptr, builder.getI8Type(), mul(index, constant(ring.slotBytes)));
  return densePlace(ptr, type.getShape(), type.getElementType(), ring.buffer);
}

void Lowering::lowerCopyAsync(ir::CopyAsyncOp op) {
  const View view = views[op.getView()];
  SmallVector<Value> offsets = scalars(op.getOffsets());
  Place target = slot(op.getRing(), op.getTicket());
  if (!late)
    return copyIn(view, offsets, op.getWidths(), op.getPadding(), target);
  callWithBox("tile_cpu_late_copy", view, offsets, op.getWidths(), target, op.getPadding(),
              {worker, intConstant(rings[op.getRing()].id, i64Type), scalar(op.getTicket())});
}

/// An op of the protocol holds for every ring of its channel.
void Lowering::lowerProtocol(Operation *op, StringRef function, Value channel, Value ticket) {
  if (!late)
    return;
  auto channelOp = channel.getDefiningOp<ir::ChannelOp>();
  if (!channelOp)
    return fail(op, "can't be lowered to host code: its channel is no op of this kernel");
  for (Value ring : channelOp.getRings())
    call(function, {worker, intConstant(rings[ring].id, i64Type), scalar(ticket)});
}

/// The value of a slot is a copy, unless all its users are done before the slot is released.
void Lowering::lowerRead(ir::ReadOp op) {
  const Place from = places[op.getSlot()];
  if (plan.isInPlace(op)) {
    places[op.getResult()] = from;
    return;
  }
  Place value = makePlace(op.getResult().getType(), "a slot's value of");
  copy(from, value);
  places[op.getResult()] = value;
}
