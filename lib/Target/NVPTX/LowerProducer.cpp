//===- LowerProducer.cpp - A producer and its consumers ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A kernel with a producer has a warp or a warpgroup more than its own. After the barriers in shared memory are made, the kernel parts: one
// further thread runs the producer, or a warpgroup does where threads copy, and the others run the rest. Where warpgroups multiply, the
// further one gives away registers, and the others take them.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/SharedMemory.h"
#include "tile/Pipeline/Verdicts.h"
#include "tile/Placement/Anchors.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

static constexpr int32_t kWarpgroupThreads = 128;

/// Registers of a producer's threads, and of those that copy themselves, which have more addresses.
static constexpr int32_t kProducerRegisters = 40, kCopyRegisters = 80;

namespace {
/// Registers of a thread when its program starts, and those that a consumer's thread has after the producer gave some away.
struct RegisterCounts {
  int32_t atLaunch, ofConsumer;
};
} // namespace

/// Where so many programs share a processor.
static RegisterCounts registerCounts(int32_t consumerThreads, int32_t programs, int32_t ofProducer) {
  constexpr int32_t kOfProcessor = 65536, kMost = 255, kMostSet = 240, kUnit = 8;
  int32_t threads = consumerThreads + kWarpgroupThreads, groups = threads / kWarpgroupThreads;
  auto whole = [](int32_t number) { return number / kUnit * kUnit; };
  int32_t atLaunch = whole(std::min(kOfProcessor / (threads * programs), kMost));
  return {atLaunch, std::min(whole((atLaunch * groups - ofProducer) / (groups - 1)), kMostSet)};
}

bool Lowering::hasWarpgroupProducts() {
  return kernel
      .walk([](ir::DotOp dot) { return ir::isOfWarpgroups(dot) ? WalkResult::interrupt() : WalkResult::advance(); })
      .wasInterrupted();
}

bool Lowering::hasThreadCopies() {
  return kernel
      .walk([](ir::CopyAsyncOp copy) {
        return placement::isThreadCopy(copy) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void Lowering::whenFirstOfProducer(function_ref<void()> then) {
  if (!hasThreadCopies())
    return then();
  when(isThread(0), then);
}

int32_t Lowering::programsBySharedMemory() {
  auto bytes = static_cast<int64_t>(kernel.getSharedBytes().value());
  return static_cast<int32_t>(ir::sharedMemory(kernel.getTarget().value_or("")).programs(bytes));
}

/// Programs of warps that each multiply for themselves. Besides the sums of products there are operands and addresses. Each quarter of the
/// processor has registers of its own, so that a producer's warp takes as many as the three others that it stands beside.
int32_t Lowering::programsOfWarps() {
  constexpr int64_t kQuarters = 4, kOfQuarter = 512, kUnit = 8, kWideBits = 16;
  int64_t sums = 0, besides = 40;
  bool onlyMultiplies = true;
  kernel.walk([&](ir::DotOp dot) {
    sums += ir::layoutOf(dot.getType()).getNumRegisters();
    // Bytes are put together one by one where they don't lie along k, and are narrowed to.
    auto slot = dyn_cast<ir::SlotType>(dot.getA().getType());
    Type element = slot ? slot.getElementType() : getElementTypeOrSelf(dot.getA().getType());
    if (element.getIntOrFloatBitWidth() < kWideBits)
      besides = 72;
    for (Operation &other : *dot->getBlock())
      onlyMultiplies &= isa<ir::DotOp>(other) || other.getNumRegions() != 0 ||
                        llvm::none_of(other.getResultTypes(), llvm::IsaPred<RankedTensorType>);
  });
  // What else a thread holds is hard to foresee, and spilling costs more than a second program brings.
  if (sums == 0 || !onlyMultiplies)
    return 1;
  int64_t warps = *kernel.getNumWarps() + 1;
  int32_t programs = programsBySharedMemory();
  auto hasRoom = [&] {
    return kOfQuarter / llvm::divideCeilSigned(programs * warps, kQuarters) / kUnit * kUnit >= sums + besides;
  };
  while (programs > 1 && !hasRoom())
    --programs;
  return std::max(programs, 1);
}

int32_t Lowering::programsPerProcessor() {
  if (!hasWarpgroupProducts())
    return programsOfWarps();
  constexpr int32_t kThreads = 2048;
  int32_t threads = allTeamThreads();
  if (threads % kWarpgroupThreads != 0)
    return 1;
  int32_t programs = std::min(programsBySharedMemory(), kThreads / (threads + kWarpgroupThreads));
  // Besides the accumulators there are addresses, and what comes after the loop. The assembler takes products only that have room in the
  // registers at launch.
  constexpr int32_t kBesides = 64, kBesidesAtLaunch = 32;
  int32_t accumulators = 0;
  kernel.walk([&](ir::DotOp dot) {
    accumulators = std::max<int32_t>(accumulators, ir::layoutOf(dot.getType()).getNumRegisters());
  });
  int32_t producers = hasThreadCopies() ? kCopyRegisters : kProducerRegisters;
  auto hasRoom = [&] {
    RegisterCounts counts = registerCounts(threads, programs, producers);
    return counts.ofConsumer >= accumulators + kBesides && counts.atLaunch >= accumulators + kBesidesAtLaunch;
  };
  while (programs > 1 && !hasRoom())
    --programs;
  return std::max(1, programs);
}

/// Lowers what the producer's threads run, numbered from 0 on like a program's. The first of its warps writes records.
void Lowering::asProducer(function_ref<void()> body) {
  Value program = threadValue, recorder = isRecorder;
  auto programLinears = std::exchange(linears, {});
  llvm::DenseMap<Value, Value> programUniforms;
  std::swap(programUniforms, uniforms);
  int64_t programWarps = std::exchange(warpCount, ir::kWarpsOfGroup);
  threadValue = arith::SubIOp::create(entryBuilder, loc, blockThread, i32(consumerThreads));
  if (isRecorder)
    isRecorder = make<arith::AndIOp>(isRecorder, compare(arith::CmpIPredicate::ult, threadValue, i32(32)));
  ofProducer = true;
  body();
  ofProducer = false;
  threadValue = program;
  isRecorder = recorder;
  linears = std::move(programLinears);
  uniforms = std::move(programUniforms);
  warpCount = programWarps;
}

void Lowering::lowerProducer(ir::ProducerOp op) {
  int32_t threads = allTeamThreads();
  if (threads % kWarpgroupThreads != 0)
    return fail(op, "needs consumers in whole groups of four warps");
  if (consumerThreads)
    return fail(op, "is the second producer of its kernel");
  auto isOfBlock = [&](int64_t number) { return compare(arith::CmpIPredicate::eq, blockThread, i32(number)); };
  when(isOfBlock(0), [&] {
    initChannels();
    prefetchTensorMaps();
  });
  barrier();
  waitForPredecessor();
  consumerThreads = threads;
  // Whole warps go one way or the other, which the assembler can't know of a thread's number.
  Value warp = intrinsic("llvm.nvvm.shfl.sync.idx.i32", builder.getI32Type(),
                         {i32(-1), make<arith::ShRUIOp>(blockThread, i32(5)), i32(0), i32(31)});
  auto split = scf::IfOp::create(builder, loc, compare(arith::CmpIPredicate::uge, warp, i32(threads / 32)),
                                 /*withElseRegion=*/true);
  bool hasCounts = hasWarpgroupProducts();
  auto setRegisterCount = [&](StringRef change, int32_t count) {
    if (!hasCounts)
      return;
    assembly({}, ("setmaxnreg." + change + ".sync.aligned.u32 " + Twine(count) + ";").str(), "", {},
             /*hasSideEffects=*/true);
  };
  builder.setInsertionPoint(split.thenBlock()->getTerminator());
  int32_t producers = hasThreadCopies() ? kCopyRegisters : kProducerRegisters;
  setRegisterCount("dec", producers);
  auto lowerBody = [&] {
    for (Operation &each : op.getBody().front()) {
      if (failed)
        return;
      loc = each.getLoc();
      lower(&each);
    }
    endRecord();
  };
  if (hasThreadCopies())
    asProducer(lowerBody);
  else
    when(isOfBlock(threads), lowerBody);
  builder.setInsertionPoint(split.elseBlock()->getTerminator());
  int32_t consumers = registerCounts(threads, programsPerProcessor(), producers).ofConsumer;
  setRegisterCount("inc", consumers);
  if (hasCounts)
    pipeline::reportPipelined(kernel.getLoc(), "kernel",
                              "threads that multiply ask for " + Twine(consumers) +
                                  " registers, those of the producer for " + Twine(producers) +
                                  "; the driver's linker gives all the same number");
}
