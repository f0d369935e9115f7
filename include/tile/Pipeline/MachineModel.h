//===- MachineModel.h - What the planner knows of a target ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A small machine model for each target: units, their throughput and latency, and budgets. All costs are in cycles of one
// program's share of the machine: a core of a CPU, a multiprocessor of a GPU.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_MACHINEMODEL_H
#define TILE_PIPELINE_MACHINEMODEL_H

#include "tile/Dialect/Tile.h"

namespace tile::pipeline {

/// What an op keeps busy. `None` is for ops that cost nothing that a plan could see: index arithmetic, shapes.
enum class Unit { None, Copy, Dot, Alu, Special, Store, Shared };
inline constexpr unsigned kUnitCount = 7;

/// The unit's name in reports.
llvm::StringRef unitName(Unit unit);

/// Whether threads of a producer copy what a load brings.
bool isCopiedByProducer(ir::LoadOp load);

/// What one execution of an op costs: it keeps `unit` busy for `busy` cycles, and shared memory too for `sharedBusy`, and its result is
/// there after `latency`.
struct Cost {
  Unit unit = Unit::None;
  int64_t busy = 0;
  int64_t latency = 0;
  int64_t sharedBusy = 0;
};

/// Multiply-adds a cycle in a dot, by the width of an operand's element: 64, 32, 16 and 8 bits.
struct DotRates {
  double bits64, bits32, bits16, bits8;
};

/// What tensor copies and the products of warpgroups reach; all 0 where there are none, and `dotRates` where no warpgroups multiply.
struct TensorModel {
  DotRates dotRates;
  /// The cycles that an instruction of a warpgroup takes beside its multiply-adds, and those that these take at least.
  int64_t startCycles, leastCycles;
  /// Bytes a cycle that copies bring while others are under way, and that come of those of one iteration, `copyLatency` cycles after
  /// their issue, when nothing else is.
  double copyBytesPerCycle, arrivalBytesPerCycle;
  int64_t copyLatency;
  /// Bytes a cycle that shared memory takes from copies and gives to products.
  double sharedBytesPerCycle;
  /// Cycles that a store by tensor copies takes beside those of its bytes: threads wait for each other, and the products for them.
  int64_t storeLatency;
  /// Cycles of an iteration in which neither copies nor products go on.
  int64_t turnaround;
  /// Where no warpgroups multiply: cycles of an iteration in which four warps wait, for a slot, for their operands, for each other. Four others
  /// may multiply meanwhile, of the same program or another.
  int64_t groupTurnaround;
  /// Where threads of the producer copy: cycles from the issue of copies until others may read them, and those that an iteration takes more
  /// than what it keeps busy, for counting what has arrived.
  int64_t threadLatency, threadTurnaround;
};

struct MachineModel {
  llvm::StringLiteral name;
  /// Bytes a cycle from where tiles usually come from, memory or a cache that programs share, and cycles from the issue of a copy until its first byte is there.
  double copyBytesPerCycle;
  int64_t copyLatency;
  /// Bytes a cycle that each has of memory when all use it, and bytes that the cache before it holds. 0 where `copyBytesPerCycle` is all
  /// that is known.
  double memoryBytesPerCycle;
  int64_t cacheBytes;
  /// Cycles from the end of one launch's work to the start of the next one's, and those that a launch takes at least: its host's.
  int64_t launchCycles, leastLaunchCycles;
  /// What a dot reaches where no warpgroups multiply.
  DotRates dotRates;
  TensorModel tensor;
  int64_t dotLatency;
  /// Elementwise operations on 32-bit elements a cycle, and elementary functions a cycle. Where a unit has these, one that
  /// isn't made of what it has takes `exactOperations` elementwise ones; 0 where all are alike.
  double aluRate, specialRate, exactOperations;
  int64_t aluLatency;
  /// Bytes that rings may take, and that one tile may take.
  int64_t ringBytes, tileBytes;
  /// How many of them work at once on the largest chip of the kind.
  int64_t count;
  /// What the programs that are resident at once have together besides shared memory: 32-bit registers, threads. All 0 where programs run
  /// one after the other.
  int64_t registers, threads;
  /// Cycles of an iteration with products in which a program keeps nothing busy: barriers, fragments and addresses on their way. Another
  /// resident program may use them.
  int64_t turnaround;

  /// The model of a target; null when there is none.
  static const MachineModel *find(llvm::StringRef target);
  /// The targets that have a model, for messages: "'cpu', 'sm_80'".
  static std::string names();

  bool hasTensorCopies() const { return tensor.copyLatency != 0; }
  bool hasWarpgroupProducts() const { return tensor.dotRates.bits16 != 0; }

  /// How many programs of a bound kernel are resident at once, when each takes so many bytes of shared memory. Registers are the
  /// accumulators' of dots and some more. 1 where warpgroups multiply.
  int64_t residentPrograms(ir::KernelOp kernel, int64_t programBytes = 0) const;

  /// Cycles from the issue of a load until its first byte is there.
  int64_t latencyOf(ir::LoadOp load) const;

  /// What an op of a loop's body costs. A nested loop costs its body times its trip count, or times 8 where that is not known.
  Cost cost(mlir::Operation *op) const;
};

/// Bytes of shared memory that the barriers of a producer's channels take at most.
inline constexpr int64_t kBarrierBytes = 1024;

/// Iterations of a loop whose bounds are constants.
std::optional<int64_t> staticTripCount(ir::ForOp loop);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_MACHINEMODEL_H
