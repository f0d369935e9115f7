//===- LowerTeams.cpp - Teams that take a worker's programs in turn *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The kernel says what one team of warps would do with all programs of a worker. Team t takes the programs t, t + teams, … of them. The producer
// fills slots in the order of the programs, and an mbarrier tells a phase from the one before only, so a team waits for slots in its turn: when
// the team before has got the last of its own. With the turn it gets the tickets that come next, which are words behind each channel's mbarriers.
// What follows the turn, which is everything that is done with the sums, runs beside the products of the next program.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

/// How far this team's share lies from the first one's.
Value Lowering::ofTeam(int64_t stride) { return make<arith::MulIOp>(team, i32(stride)); }

bool Lowering::isWalkOfTeams(scf::ForOp op) {
  return team && op.getUpperBound().getDefiningOp<ir::ProgramsOp>() && !op->getParentOfType<ir::ProducerOp>();
}

/// Where the ticket is that a team's turn begins with.
Value Lowering::turnAddress(ir::ChannelOp channel, Value ofTeam) {
  constexpr int64_t kWordBytes = 8, kBarriersPerSlot = 2;
  int64_t depth = cast<ir::RingType>(channel.getRings().front().getType()).getDepth();
  Value offset = make<arith::MulIOp>(ofTeam, i32(kWordBytes));
  return sharedAddress(
      make<arith::AddIOp>(offset, i32(*channel.getBarriers() + kBarriersPerSlot * kWordBytes * depth)));
}

/// By one thread, before the first team's first turn.
void Lowering::initTurns(ir::ChannelOp channel) {
  if (team)
    assembly({}, "st.shared.b32 [$0], $1;", "r,r,~{memory}", {turnAddress(channel, i32(0)), i32(0)},
             /*hasSideEffects=*/true);
}

/// At the barrier of a team's turn: that team waits, the one before comes by.
void Lowering::meetForTurn(StringRef how, Value ofTeam) {
  LLVM::CallIntrinsicOp::create(
      builder, loc, builder.getStringAttr(("llvm.nvvm.barrier.cta." + how + ".aligned.count").str()),
      ValueRange{make<arith::AddIOp>(ofTeam, i32(firstTurnBarrier())), i32(2 * teamThreads())});
}

void Lowering::takeTurn() {
  meetForTurn("sync", team);
  for (auto [argument, channel] : llvm::zip(walk.getRegionIterArgs(), kernel.getBody().getOps<ir::ChannelOp>()))
    setRegisters(argument, {assembly({builder.getI32Type()}, "ld.shared.b32 $0, [$1];", "=r,r,~{memory}",
                                     turnAddress(channel, team), /*hasSideEffects=*/true)
                                ->getResult(0)});
}

/// Without a branch: the last products are under way, and their sums stay where they are.
void Lowering::passTurn() {
  Value next = make<arith::RemUIOp>(make<arith::AddIOp>(team, i32(1)), i32(ir::teamsOf(kernel)));
  Value writes = make<arith::AndIOp>(isFollowed, isThread(0));
  for (auto [ticket, channel] : llvm::zip(walk.getYieldedValues(), kernel.getBody().getOps<ir::ChannelOp>()))
    assembly({}, "@$2 st.shared.b32 [$0], $1;", "r,r,b,~{memory}", {turnAddress(channel, next), scalar(ticket), writes},
             /*hasSideEffects=*/true);
  assembly({}, "@$2 bar.arrive $0, $1;", "r,r,b,~{memory}",
           {make<arith::AddIOp>(next, i32(firstTurnBarrier())), i32(2 * teamThreads()), isFollowed},
           /*hasSideEffects=*/true);
}

void Lowering::lowerWalk(scf::ForOp op) {
  walk = op;
  auto [begin, end] = ir::turnOf(*op.getBody());
  if (!begin || walk.getNumRegionIterArgs() != llvm::range_size(kernel.getBody().getOps<ir::ChannelOp>()))
    return fail(op, "doesn't carry the tickets of its channels, and those only");
  int64_t teams = ir::teamsOf(kernel);
  Value workers = scalar(op.getStep()), programs = scalar(op.getUpperBound());
  Value number = arith::ExtUIOp::create(builder, loc, indexType, team);
  Value first = make<arith::AddIOp>(scalar(op.getLowerBound()), make<arith::MulIOp>(number, workers));
  // The first turn is the first team's.
  when(compare(arith::CmpIPredicate::eq, team, i32(teams - 1)), [&] { meetForTurn("arrive", i32(0)); });
  auto loop = scf::ForOp::create(builder, loc, first, programs, make<arith::MulIOp>(workers, index(teams)));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  setRegisters(op.getInductionVar(), {loop.getInductionVar()});
  isFollowed = compare(arith::CmpIPredicate::slt, make<arith::AddIOp>(loop.getInductionVar(), workers), programs);
  turnEnd = end;
  for (Operation &each : op.getBody()->without_terminator()) {
    if (failed)
      return;
    loc = each.getLoc();
    if (&each == begin)
      takeTurn();
    lower(&each);
    if (&each == turnEnd && !failed) {
      passTurn();
      turnEnd = nullptr;
    }
  }
}
