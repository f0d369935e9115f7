//===- SymbolicRun.h - Runs a kernel on symbolic values ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A symbolic run walks through a kernel as a program would, with terms for values: an op gives the term of its name, attributes and
// operands. What it leaves is a trace of its effects: what was stored where, in order. Two kernels whose traces are equal do the same to
// any memory. Loops need trip counts, which a scenario says; the run then knows which iterations exist.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_SYMBOLICRUN_H
#define TILE_LIB_PIPELINE_SYMBOLICRUN_H

#include "ProducerRun.h"
#include "RingProtocol.h"
#include "Terms.h"
#include "tile/Dialect/Tile.h"

namespace tile::pipeline {

/// What a loop's upper bound is taken to be: the place where one of the loops that it bounds ends.
struct Limit {
  Sum upper, end, step;
  bool ofFocus;
};

/// What runs that are to be compared share: terms, where loops end, and the choice that each unknown condition takes. All of it is decided
/// by terms, so it is the same in both kernels.
struct Scenario {
  TermTable &terms;
  /// The loop that runs `trips` times; it must be one of the first kernel that runs. Others run as often as its end says if they have
  /// the same upper bound, or a few times.
  mlir::Operation *focus;
  int64_t trips;
  std::vector<Limit> limits = {};
  /// Counts changes to the limits: what ran before one has to run again.
  unsigned changes = 0;
  /// Loops in loops would have to run too long: the scenario says nothing. What it would have shown, one with fewer trips does.
  bool tooLong = false;

  /// How often a loop runs.
  int64_t tripCount(mlir::Operation *loop, const Sum &lower, const Sum &upper, const Sum &step);
  /// Whether lhs < rhs, where rhs is the upper bound of a loop and lhs is known relative to its end.
  std::optional<bool> isBefore(const Sum &lhs, const Sum &rhs) const;
};

/// Whether a loop is pipelined, planned to be or done.
bool isPipelined(mlir::Operation *loop);

/// An effect on memory, or a message.
struct Effect {
  mlir::Operation *op;
  Term what;
};

/// One run of one kernel.
class SymbolicRun {
public:
  explicit SymbolicRun(Scenario &scenario) : scenario(scenario) {}

  /// Runs the kernel to its end or to the first hazard.
  std::optional<Hazard> run(ir::KernelOp kernel);
  const std::vector<Effect> &effects() const { return trace; }

private:
  using Sums = llvm::SmallVector<Sum>;

  /// Runs a block up to its terminator, whose operands it gives.
  Sums runBlock(mlir::Block &block, llvm::ArrayRef<Sum> arguments);
  void runOp(mlir::Operation &op);
  bool runRingOp(mlir::Operation &op);
  bool runScalarArith(mlir::Operation &op);
  void runFor(mlir::Operation &op, mlir::Value lower, mlir::Value upper, mlir::Value step, mlir::ValueRange inits);
  void runIf(mlir::scf::IfOp op);
  void runWhile(mlir::scf::WhileOp op);
  void runPure(mlir::Operation &op);

  Sum get(mlir::Value value) const { return values.lookup(value); }
  void set(mlir::Value value, Sum sum) { values[value] = std::move(sum); }
  void setAll(mlir::ValueRange to, llvm::ArrayRef<Sum> from);
  Term term(mlir::Value value) { return scenario.terms.intern(get(value)); }
  int64_t ticket(mlir::Value value);
  bool choose(mlir::Value condition);
  /// The term of what an op does with its operands; an operand that is a slot counts as what the slot holds.
  Term key(mlir::Operation &op, uint64_t result);
  /// What a load of this access gives now.
  Term loaded(mlir::Value view, mlir::ValueRange offsets, mlir::DenseI64ArrayAttr widths, mlir::TypedAttr pad,
              mlir::Type tile);
  void fail(mlir::Operation &op, std::string what);
  void runProducer(ir::ProducerOp op);
  /// Follows an op of the producer. False for anything else.
  bool noteProduced(mlir::Operation &op);
  /// Lets the producer issue what it can.
  void advanceProducer();
  void waitForDots(ir::DotWaitOp op);
  /// What is wrong with a release while dots are under way.
  std::string readByDots(mlir::Value channel, int64_t ticket);
  bool stopped() const { return hazard || scenario.tooLong; }

  Scenario &scenario;
  RingProtocol protocol;
  ProducerRun producer{protocol};
  bool inProducer = false;
  /// An async dot that may be under way, with the rings and tickets of the slots that it reads.
  struct PendingDot {
    mlir::Operation *op;
    Term result;
    llvm::SmallVector<std::pair<mlir::Value, int64_t>> slots;
  };
  /// Oldest first.
  llvm::SmallVector<PendingDot> pendingDots;
  llvm::DenseMap<mlir::Value, Sum> values;
  /// How often each written view was stored to: what a load of it gives depends on that.
  llvm::DenseMap<mlir::Value, uint64_t> versions;
  /// The ring and ticket of each slot.
  llvm::DenseMap<mlir::Value, std::pair<mlir::Value, int64_t>> slots;
  std::vector<Effect> trace;
  std::optional<Hazard> hazard;
  unsigned steps = 0;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_SYMBOLICRUN_H
