//===- LowerChannel.cpp - Events of slots as barriers in shared memory *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A channel has two mbarriers for each slot. The producer arrives at `full` once, saying how many bytes will come, and the copies count them;
// the phase ends with the last byte. Where threads copy, each of their warps arrives, too, when its copies are there. One thread of each
// warpgroup that reads arrives at `empty`. Ticket t is the use number t / depth of its slot, whose parity tells a phase from the one before; a
// slot that was never used is empty.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Anchors.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

static constexpr int64_t kEventBytes = 8;

static int64_t depthOf(ir::ChannelOp channel) {
  return cast<ir::RingType>(channel.getRings().front().getType()).getDepth();
}

/// The bytes that tensor copies bring for a ticket.
static int64_t tensorBytes(ir::ChannelOp channel) {
  int64_t bytes = 0;
  for (Value ring : channel.getRings())
    if (llvm::any_of(ring.getUsers(), [](Operation *user) {
          auto copy = dyn_cast<ir::CopyAsyncOp>(user);
          return copy && copy.getBinding() && copy.getBinding()->getCopy() == ir::Copy::Tensor;
        }))
      bytes += ir::valueBytes(ring.getType());
  return bytes;
}

/// How often the producer arrives for a ticket.
static int64_t fullArrivals(ir::ChannelOp channel) {
  return (tensorBytes(channel) ? 1 : 0) + (placement::isFilledByThreads(channel) ? ir::kWarpsOfGroup : 0);
}

void Lowering::lowerChannel(ir::ChannelOp op) {
  if (!op.getBarriers() || !op.getArrivals() || op.getRings().empty())
    fail(op, "has no place in shared memory");
  else if (kernel.getBody().getOps<ir::ProducerOp>().empty())
    fail(op, "has no producer");
}

/// By one thread, before any other looks at them.
void Lowering::initChannels() {
  kernel.walk([&](ir::ChannelOp channel) {
    int64_t depth = depthOf(channel);
    for (int64_t index = 0; index < 2 * depth; ++index) {
      Value address = sharedAddress(i32(*channel.getBarriers() + index * kEventBytes));
      int64_t arrivals = index < depth ? fullArrivals(channel) : *channel.getArrivals();
      assembly({}, "mbarrier.init.shared::cta.b64 [$0], " + std::to_string(arrivals) + ";", "r", address,
               /*hasSideEffects=*/true);
    }
    initTurns(channel);
  });
  assembly({}, "fence.mbarrier_init.release.cluster;", "~{memory}", {}, /*hasSideEffects=*/true);
  assembly({}, "fence.proxy.async.shared::cta;", "~{memory}", {}, /*hasSideEffects=*/true);
}

/// The mbarrier of a ticket's slot.
Value Lowering::eventAddress(ir::ChannelOp channel, Value ticket, bool ofEmpty) {
  int64_t depth = depthOf(channel), first = *channel.getBarriers() + (ofEmpty ? depth * kEventBytes : 0);
  Value bytes = make<arith::MulIOp>(slotNumber(ticket, depth), i32(kEventBytes));
  return sharedAddress(make<arith::AddIOp>(bytes, i32(first)));
}

void Lowering::waitForEvent(ir::ChannelOp channel, Value ticket, bool ofEmpty) {
  int64_t depth = depthOf(channel);
  Value number = scalar(ticket);
  Value use = llvm::isPowerOf2_64(depth) ? make<arith::ShRUIOp>(number, i32(llvm::Log2_64(depth)))
                                         : make<arith::DivUIOp>(number, i32(depth));
  Value parity = make<arith::AndIOp>(use, i32(1));
  if (ofEmpty)
    parity = make<arith::XOrIOp>(parity, i32(1));
  assembly({},
           "{\n\t.reg .pred %done;\nwaits:\n\tmbarrier.try_wait.parity.shared::cta.b64 %done, [$0], $1;\n\t"
           "@!%done bra waits;\n\t}",
           "r,r,~{memory}", {eventAddress(channel, ticket, ofEmpty), parity}, /*hasSideEffects=*/true);
}

void Lowering::lowerAcquire(ir::AcquireOp op) {
  auto channel = op.getChannel().getDefiningOp<ir::ChannelOp>();
  waitForEvent(channel, op.getTicket(), /*ofEmpty=*/true);
  int64_t bytes = tensorBytes(channel);
  if (bytes == 0)
    return;
  Value event = eventAddress(channel, op.getTicket(), /*ofEmpty=*/false);
  whenFirstOfProducer([&] {
    assembly({}, "mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;", "r,r,~{memory}", {event, i32(bytes)},
             /*hasSideEffects=*/true);
  });
}

/// Tensor copies count their bytes as they land. Of threads that have waited for their copies, one of each warp arrives for all.
void Lowering::lowerCommit(ir::CommitOp op) {
  auto channel = op.getChannel().getDefiningOp<ir::ChannelOp>();
  if (!placement::isFilledByThreads(channel))
    return;
  constexpr int64_t kLaneMask = 31;
  Value isFirst = compare(arith::CmpIPredicate::eq, make<arith::AndIOp>(threadValue, i32(kLaneMask)), i32(0));
  assembly({}, "bar.warp.sync -1;\n\t@$1 mbarrier.arrive.shared::cta.b64 _, [$0];", "r,b,~{memory}",
           {eventAddress(channel, op.getTicket(), /*ofEmpty=*/false), isFirst}, /*hasSideEffects=*/true);
}

void Lowering::lowerAwait(ir::AwaitOp op) {
  waitForEvent(op.getChannel().getDefiningOp<ir::ChannelOp>(), op.getTicket(), /*ofEmpty=*/false);
}

void Lowering::lowerRelease(ir::ReleaseOp op) {
  auto channel = op.getChannel().getDefiningOp<ir::ChannelOp>();
  constexpr int64_t kWarpgroupMask = 127;
  Value isFirst = compare(arith::CmpIPredicate::eq, make<arith::AndIOp>(threadValue, i32(kWarpgroupMask)), i32(0));
  assembly({}, "@$1 mbarrier.arrive.shared::cta.b64 _, [$0];", "r,b,~{memory}",
           {eventAddress(channel, op.getTicket(), /*ofEmpty=*/true), isFirst}, /*hasSideEffects=*/true);
}
