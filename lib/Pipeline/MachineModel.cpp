//===- MachineModel.cpp - What the planner knows of a target -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/MachineModel.h"

#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/SharedMemory.h"

#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::pipeline;

/// A core of a current x86-64 server: two 512-bit FMA pipes, rings in its second-level cache, memory at about 12 GB/s and GHz.
static constexpr MachineModel kCpu = {
    .name = "cpu",
    .copyBytesPerCycle = 8,
    .copyLatency = 300,
    .memoryBytesPerCycle = 0,
    .cacheBytes = 0,
    .launchCycles = 0,
    .leastLaunchCycles = 0,
    .dotRates = {8, 16, 16, 16},
    .tensor = {},
    .dotLatency = 8,
    .aluRate = 16,
    .specialRate = 1,
    .exactOperations = 0,
    .aluLatency = 4,
    .ringBytes = 8 << 20,
    .tileBytes = 4 << 20,
    .count = 1,
    .registers = 0,
    .threads = 0,
    .turnaround = 0,
};

/// A multiprocessor of an A100, from NVIDIA's white paper: 108 of them at 1.41 GHz; 1024 multiply-adds a cycle of 16-bit operands. Tiles
/// that several programs read come from the second-level cache, which gives all of them 5120 bytes a cycle. A tile may take half of the
/// register file.
static constexpr MachineModel kSm80 = {
    .name = "sm_80",
    .copyBytesPerCycle = 47,
    .copyLatency = 500,
    .memoryBytesPerCycle = 9.5,
    .cacheBytes = 40 << 20,
    .launchCycles = 1700,
    .leastLaunchCycles = 4200,
    .dotRates = {64, 64, 1024, 2048},
    .tensor = {},
    .dotLatency = 33,
    .aluRate = 64,
    .specialRate = 16,
    .exactOperations = 14,
    .aluLatency = 4,
    .ringBytes = ir::sharedMemory("sm_80").ofProgram(),
    .tileBytes = 128 << 10,
    .count = 108,
    .registers = 64 << 10,
    .threads = 2048,
    .turnaround = 480,
};

/// Consumer chips: twice the f32 lanes, a quarter of the matrix rate with f32 accumulators, hardly any f64.
static constexpr MachineModel consumer(llvm::StringLiteral name) {
  MachineModel model = kSm80;
  model.name = name;
  model.copyBytesPerCycle = 20;
  model.memoryBytesPerCycle = 3.1;
  model.cacheBytes = 72 << 20;
  model.dotRates = {2, 128, 256, 512};
  model.aluRate = 128;
  model.ringBytes = ir::sharedMemory(name).ofProgram();
  model.threads = 1536;
  model.count = 128;
  return model;
}

/// A multiprocessor of an H100 or a later chip for servers, through mma.sync, which reaches little more than half of the 2048 multiply-adds
/// a cycle that the datasheet has; 132 of them take about 4100 bytes a cycle from the second-level cache. Rates and turnaround are those
/// with which products of 4096 x 4096 in tiles of 128 x 128, of which two are resident, and 256 x 128, of which one is, take the time that
/// they were measured to take, within 6 hundredths. Memory's share and what launches take are those of sums of rows and of arrays
/// (docs/pipelining.md).
static constexpr MachineModel server(llvm::StringLiteral name) {
  MachineModel model = kSm80;
  model.name = name;
  model.copyBytesPerCycle = 31;
  model.copyLatency = 600;
  model.memoryBytesPerCycle = 11.6;
  model.cacheBytes = 50 << 20;
  model.launchCycles = 2400;
  model.leastLaunchCycles = 6000;
  model.dotRates = {64, 128, 1100, 2200};
  model.aluRate = 128;
  model.ringBytes = ir::sharedMemory(name).ofProgram();
  model.count = 132;
  return model;
}

/// The same multiprocessor where products of warpgroups can be had: of the datasheet's 2048 multiply-adds, as many as the chip's power lets
/// it keep up. The rest is fitted to what products of 4096 x 4096 were measured to take (docs/performance.md): with tiles from 64 x 64 to
/// 256 x 128 and 2 to 6 stages, an iteration takes what the multiply-adds or the shared memory take, or the S-th part of copyLatency +
/// bytes / arrivalBytesPerCycle + that.
static constexpr TensorModel kHopper = {
    .dotRates = {0, 875, 1750, 3500},
    .startCycles = 4,
    .leastCycles = 64,
    .copyBytesPerCycle = 64,
    .arrivalBytesPerCycle = 32,
    .copyLatency = 1050,
    .sharedBytesPerCycle = 128,
    .storeLatency = 1500,
    .turnaround = 40,
    .groupTurnaround = 0,
    .threadLatency = 1200,
    .threadTurnaround = 320,
};

static constexpr MachineModel with(MachineModel model, const TensorModel &tensor) {
  model.tensor = tensor;
  return model;
}

/// Tensor copies that threads read, where warpgroups multiply otherwise than this compiler knows, or don't: on sm_90, which is all of an H100
/// but that, and what chips after it run, too. Of products of 4096 x 4096 on an H100 that keep four warps busy in all, 128 x 128 x 64 take 1.30
/// times and 128 x 128 x 32 1.44 times as long as with eight.
static constexpr TensorModel copiesOnly() {
  TensorModel model = kHopper;
  model.dotRates = {};
  model.groupTurnaround = 240;
  return model;
}

static constexpr MachineModel kModels[] = {kCpu,
                                           kSm80,
                                           consumer("sm_86"),
                                           consumer("sm_89"),
                                           with(server("sm_90"), copiesOnly()),
                                           with(server("sm_90a"), kHopper),
                                           with(server("sm_100"), copiesOnly()),
                                           with(consumer("sm_120"), copiesOnly())};

const MachineModel *MachineModel::find(StringRef target) {
  const auto *found = llvm::find_if(kModels, [&](const MachineModel &model) { return model.name == target; });
  return found == std::end(kModels) ? nullptr : found;
}

std::string MachineModel::names() {
  return llvm::join(llvm::map_range(kModels, [](const MachineModel &model) { return "'" + model.name.str() + "'"; }),
                    ", ");
}

int64_t MachineModel::residentPrograms(ir::KernelOp kernel, int64_t programBytes) const {
  int64_t accumulatorBytes = 0;
  bool ofWarpgroups = false;
  kernel.walk([&](ir::DotOp dot) {
    accumulatorBytes += ir::valueBytes(dot.getType());
    ofWarpgroups |= isOfWarpgroups(dot);
  });
  if (registers == 0 || ofWarpgroups)
    return 1;
  // Fragments, addresses and what is uniform. Without accumulators, what elementwise work and folds take.
  constexpr int64_t kLanes = 32, kOthers = 100, kMost = 256, kWithout = 64, kMostBlocks = 32;
  int64_t ownThreads = kLanes * kernel.getNumWarps().value_or(1);
  int64_t ownRegisters =
      accumulatorBytes == 0 ? kWithout : std::min(kMost, accumulatorBytes / 4 / ownThreads + kOthers);
  int64_t resident = std::min({registers / (ownThreads * ownRegisters), ir::sharedMemory(name).programs(programBytes),
                               threads / ownThreads, kMostBlocks});
  return std::max<int64_t>(resident, 1);
}

StringRef pipeline::unitName(Unit unit) {
  switch (unit) {
  case Unit::None:
    return "nothing";
  case Unit::Copy:
    return "copies";
  case Unit::Dot:
    return "dots";
  case Unit::Alu:
    return "elementwise work";
  case Unit::Special:
    return "elementary functions";
  case Unit::Store:
    return "stores";
  case Unit::Shared:
    return "shared memory";
  }
  llvm_unreachable("a unit that is none");
}

std::optional<int64_t> pipeline::staticTripCount(ir::ForOp loop) {
  IntegerAttr lower, upper, step;
  if (!matchPattern(loop.getLower(), m_Constant(&lower)) || !matchPattern(loop.getUpper(), m_Constant(&upper)) ||
      !matchPattern(loop.getStep(), m_Constant(&step)))
    return std::nullopt;
  int64_t distance;
  if (llvm::SubOverflow(upper.getInt(), lower.getInt(), distance))
    return std::nullopt;
  return std::max<int64_t>(0, llvm::divideCeilSigned(distance, step.getInt()));
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

static int64_t cycles(double work, double rate) { return static_cast<int64_t>(std::ceil(work / rate)); }

static int64_t elementCount(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getNumElements() : 1;
}

/// The rate for operands of a width.
static double rateOf(const DotRates &rates, unsigned bits) {
  return bits == 64 ? rates.bits64 : bits == 32 ? rates.bits32 : bits == 16 ? rates.bits16 : rates.bits8;
}

static bool isTensorCopy(std::optional<ir::BindingAttr> binding) {
  return binding && binding->getCopy() == ir::Copy::Tensor;
}

/// Whether a value is made of what a loop loads by ops on elements alone.
static bool isConverted(Value value) {
  SmallVector<Value> open = {value};
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (!open.empty()) {
    Operation *op = open.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second || isa<ir::LoadOp>(op))
      continue;
    if (isa<ir::DotOp>(op))
      return false;
    llvm::append_range(open, op->getOperands());
  }
  return true;
}

/// Cycles of an iteration in which a first operand is made in registers and nothing is multiplied: these are free to be written again when
/// the product before is over, and all groups come to it at once. Products of bytes and bf16, 4096 x 4096 x 4096, with tiles from 128 x 128
/// to 256 x 128 and steps of 32 and 64, were measured to take what this says within a twelfth: accumulators and elements that don't fit
/// the registers together cost several times as much.
static int64_t conversionCycles(ir::DotOp dot) {
  constexpr int64_t kElementsPerCycle = 32, kLanes = 32, kRoom = 152, kFree = 144, kPressure = 16;
  auto kernel = dot->getParentOfType<ir::KernelOp>();
  int64_t threads = kLanes * kernel.getNumWarps().value_or(1), elements = elementCount(dot.getA().getType());
  int64_t words = (elementCount(dot.getType()) + elements) / threads;
  int64_t times = words <= kRoom ? 1 : 1 + (words - kFree) / kPressure;
  return times * elements / kElementsPerCycle;
}

/// The cycles of a dot by products of warpgroups. Each reads its own m rows of the one operand and all columns of the other.
static Cost warpgroupCost(ir::DotOp dot, const TensorModel &model) {
  ir::DotBindingAttr product = *dot.getBinding();
  auto a = cast<RankedTensorType>(dot.getA().getType());
  int64_t elements = product.getM() * product.getN() * product.getK();
  int64_t count = elementCount(dot.getType()) * a.getDimSize(1) / elements;
  int64_t busy = model.startCycles +
                 std::max(model.leastCycles,
                          cycles(static_cast<double>(elements), rateOf(model.dotRates, a.getElementTypeBitWidth())));
  // A first operand in registers is not read again.
  auto load = dot.getA().getDefiningOp<ir::LoadOp>();
  bool isInPlace =
      load && load.getBinding() && (isTensorCopy(load.getBinding()) || load.getBinding()->getCopy() == ir::Copy::Async);
  int64_t rows = isInPlace ? product.getM() : 0;
  int64_t bytes = (rows + product.getN()) * product.getK() * ir::elementBytes(a.getElementType());
  int64_t all = count * busy + (!load && isConverted(dot.getA()) ? conversionCycles(dot) : 0);
  return {Unit::Dot, all, all, cycles(static_cast<double>(count * bytes), model.sharedBytesPerCycle)};
}

/// The cycles of a dot: its multiply-adds at the rate of its operands' width.
static Cost dotCost(ir::DotOp dot, const MachineModel &model) {
  if (isOfWarpgroups(dot))
    return warpgroupCost(dot, model.tensor);
  auto type = cast<RankedTensorType>(dot.getA().getType());
  unsigned bits = type.getElementTypeBitWidth();
  // Exact f32 takes the slow road; tf32 is made of 16-bit-sized products at half their rate.
  double rate = rateOf(model.dotRates, bits);
  if (bits == 32 && dot.getPrecision() == ir::Precision::TF32)
    rate = std::max(rate, model.dotRates.bits16 / 2);
  double multiplyAdds = static_cast<double>(elementCount(dot.getType())) * type.getDimSize(1);
  int64_t busy = cycles(multiplyAdds, rate);
  return {Unit::Dot, busy, busy + model.dotLatency};
}

/// The cycles of a loop inside the loop: all that its body keeps busy, one op after the other, on the account of the busiest unit.
static Cost nestedCost(Operation *op, const MachineModel &model) {
  constexpr int64_t kGuessedTrips = 8;
  int64_t trips = 1;
  if (auto loop = dyn_cast<ir::ForOp>(op))
    trips = staticTripCount(loop).value_or(kGuessedTrips);
  else if (isa<LoopLikeOpInterface>(op))
    trips = kGuessedTrips;
  // Far more cycles than any run takes, and far from overflow.
  constexpr int64_t kMost = int64_t(1) << 40;
  std::array<int64_t, kUnitCount> busy = {};
  int64_t all = 0;
  for (Region &region : op->getRegions())
    for (Operation &nested : region.getOps()) {
      Cost cost = model.cost(&nested);
      busy[static_cast<unsigned>(cost.unit)] += cost.busy;
      all += cost.busy;
    }
  auto busiest = static_cast<Unit>(std::max_element(busy.begin(), busy.end()) - busy.begin());
  all = all > kMost / std::max<int64_t>(trips, 1) ? kMost : all * trips;
  return {all == 0 ? Unit::None : busiest, all, all};
}

bool pipeline::isCopiedByProducer(ir::LoadOp load) {
  return load.getBinding() && load.getBinding()->getCopy() == ir::Copy::Async &&
         load->getParentOfType<ir::KernelOp>().getPersistent();
}

int64_t MachineModel::latencyOf(ir::LoadOp load) const {
  if (isCopiedByProducer(load))
    return tensor.threadLatency;
  return isTensorCopy(load.getBinding()) ? tensor.copyLatency : copyLatency;
}

/// How many times as long a tensor copy's bytes take when it moves rows of 32 bytes.
static double slowdown(ir::LoadOp load) {
  int64_t unitAxis = ir::accessFacts(load.getView(), load.getOffsets(), load.getWidths()).unitAxis;
  auto tile = cast<RankedTensorType>(load.getType());
  return unitAxis >= 0 && tile.getDimSize(unitAxis) * ir::elementBytes(tile.getElementType()) <= 32 ? 4 : 1;
}

/// The cycles for which a producer's threads keep the first-level cache busy with copies in pieces of 4 or 8 bytes, which pass through it: for
/// each line that an instruction touches. Rows that start anywhere in a line end in another. The rate is that with which products of
/// 4096 x 4096 by such copies take what they were measured to take (docs/performance.md), where the cache has room for what is under way.
static int64_t cacheCycles(ir::LoadOp load) {
  constexpr double kLineCycles = 2.5, kLine = 128, kLanes = 32, kPastCache = 16;
  std::optional<ir::BindingAttr> binding = load.getBinding();
  if (!isCopiedByProducer(load) || binding->getBytes() >= kPastCache)
    return 0;
  int64_t unitAxis = ir::accessFacts(load.getView(), load.getOffsets(), load.getWidths()).unitAxis;
  auto tile = cast<RankedTensorType>(load.getType());
  double all = static_cast<double>(ir::valueBytes(tile)), once = kLanes * static_cast<double>(binding->getBytes());
  double row =
      unitAxis < 0 ? all : static_cast<double>(tile.getDimSize(unitAxis) * ir::elementBytes(tile.getElementType()));
  double lines = std::max(1.0, once / row) * (std::min(once, row) / kLine + 1);
  return static_cast<int64_t>(std::ceil(all / once * lines * kLineCycles));
}

/// Whether an elementary function is made of the hardware's.
static bool isOfHardware(Operation *op) {
  // Powers of two are near enough for these.
  if (isa<math::ExpOp, math::Exp2Op, math::TanhOp, math::ErfOp>(op))
    return true;
  auto fast = dyn_cast<arith::ArithFastMathInterface>(op);
  return fast && arith::bitEnumContainsAll(fast.getFastMathFlagsAttr().getValue(), arith::FastMathFlags::afn);
}

Cost MachineModel::cost(Operation *op) const {
  if (op->getNumRegions() != 0)
    return nestedCost(op, *this);
  if (auto load = dyn_cast<ir::LoadOp>(op)) {
    auto bytes = static_cast<double>(ir::valueBytes(load.getType()));
    if (isTensorCopy(load.getBinding()))
      return {Unit::Copy, cycles(bytes * slowdown(load), tensor.copyBytesPerCycle),
              latencyOf(load) + cycles(bytes, tensor.arrivalBytesPerCycle), cycles(bytes, tensor.sharedBytesPerCycle)};
    int64_t busy = std::max(cycles(bytes, copyBytesPerCycle), cacheCycles(load));
    return {Unit::Copy, busy, busy + latencyOf(load)};
  }
  if (auto store = dyn_cast<ir::StoreOp>(op)) {
    int64_t busy = cycles(ir::valueBytes(store.getValue().getType()), copyBytesPerCycle);
    if (isTensorCopy(store.getBinding()))
      busy += tensor.storeLatency;
    return {Unit::Store, busy, busy};
  }
  if (auto dot = dyn_cast<ir::DotOp>(op))
    return dotCost(dot, *this);
  if (op->getNumResults() != 1 || isa<arith::ConstantOp>(op))
    return {};
  // A fold works on all that goes in, everything else on what comes out. Work on scalars is beside the point.
  auto reduce = dyn_cast<ir::ReduceOp>(op);
  Type type = reduce ? reduce.getOperand().getType() : op->getResult(0).getType();
  if (!isa<RankedTensorType>(type))
    return {};
  bool special =
      isa_and_nonnull<math::MathDialect>(op->getDialect()) && !isa<math::FmaOp, math::AbsFOp, math::AbsIOp>(op);
  if (special && exactOperations != 0 && !isOfHardware(op)) {
    int64_t busy = cycles(static_cast<double>(elementCount(type)) * exactOperations, aluRate);
    return {Unit::Alu, busy, busy + aluLatency};
  }
  int64_t busy = cycles(elementCount(type), special ? specialRate : aluRate);
  return {special ? Unit::Special : Unit::Alu, busy, busy + aluLatency};
}
