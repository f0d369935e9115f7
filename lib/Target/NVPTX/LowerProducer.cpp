//===- LowerProducer.cpp - A producer and its consumers ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A kernel with a producer has one warpgroup more than its own. After the barriers in shared memory are made, the kernel parts: the further
// warpgroup gives away registers and one thread of it runs the producer; the others take those registers and run the rest.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

static constexpr int32_t kWarpgroupThreads = 128;

/// Registers of a producer's threads, and what those of the consumers may have then: of what the block was given at its launch.
static constexpr int32_t kProducerRegisters = 40;
static int32_t consumerRegisters(int32_t consumerThreads) {
  constexpr int32_t kOfProcessor = 65536, kMost = 255, kMostSet = 240, kUnit = 8;
  int32_t threads = consumerThreads + kProducerThreads, groups = threads / kWarpgroupThreads;
  auto whole = [](int32_t number) { return number / kUnit * kUnit; };
  int32_t atLaunch = whole(std::min(kOfProcessor / threads, kMost));
  return std::min(whole((atLaunch * groups - kProducerRegisters) / (groups - 1)), kMostSet);
}

void Lowering::lowerProducer(ir::ProducerOp op) {
  int32_t threads = 32 * kernel.getNumWarps().value();
  if (threads % kWarpgroupThreads != 0)
    return fail(op, "needs consumers in whole groups of four warps");
  if (consumerThreads)
    return fail(op, "is the second producer of its kernel");
  when(isThread(0), [&] {
    initChannels();
    prefetchTensorMaps();
  });
  barrier();
  consumerThreads = threads;
  // Whole warps go one way or the other, which the assembler can't know of a thread's number.
  Value warp = intrinsic("llvm.nvvm.shfl.sync.idx.i32", builder.getI32Type(),
                         {i32(-1), make<arith::ShRUIOp>(threadValue, i32(5)), i32(0), i32(31)});
  auto split = scf::IfOp::create(builder, loc, compare(arith::CmpIPredicate::uge, warp, i32(threads / 32)),
                                 /*withElseRegion=*/true);
  auto setRegisterCount = [&](StringRef change, int32_t count) {
    assembly({}, ("setmaxnreg." + change + ".sync.aligned.u32 " + Twine(count) + ";").str(), "", {},
             /*hasSideEffects=*/true);
  };
  builder.setInsertionPoint(split.thenBlock()->getTerminator());
  setRegisterCount("dec", kProducerRegisters);
  when(isThread(threads), [&] {
    for (Operation &each : op.getBody().front()) {
      if (failed)
        return;
      loc = each.getLoc();
      lower(&each);
    }
  });
  builder.setInsertionPoint(split.elseBlock()->getTerminator());
  setRegisterCount("inc", consumerRegisters(threads));
}
