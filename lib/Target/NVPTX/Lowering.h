//===- Lowering.h - A kernel as the code of one thread -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The translation of a kernel in phase `synchronised` to a function that each of its threads runs. A tile becomes one scalar value for
// each register of its layout; an op on tiles becomes that op on the scalars, register by register. What moves between threads is
// said by the op: shuffles within a warp (convert_layout, reduce), shared memory with the barriers that are in the kernel already.
//
// One member function for each op, in one file for each family:
//
//   LowerKernel.cpp   arguments, program ids, dispatch
//   LowerLaunch.cpp   the wait for the kernel before this one
//   LowerProducer.cpp the split into a producer and its consumers
//   LowerChannel.cpp  channels: barriers in shared memory that count bytes
//   LowerTensor.cpp   tensor maps, copies of tiles by them
//   LowerControl.cpp  loops and branches
//   LowerValues.cpp   elementwise work, constants, iota, broadcast, reshape, transpose, join
//   LowerArith.cpp    arithmetic on scalars
//   LowerExp.cpp      exponentials
//   LowerDivide.cpp   quotients by one divisor
//   LowerViews.cpp    views
//   LowerAccess.cpp   loads and stores of global memory
//   LowerTeams.cpp    teams that take a worker's programs in turn
//   LowerShared.cpp   slots: asynchronous copies, reads and writes, waits and barriers
//   LowerConvert.cpp  layout conversions within a warp
//   LowerReduce.cpp   folds
//   LowerDot.cpp      matrix products by multiply and add
//   DotMma.cpp        matrix products by matrix instructions
//   DotWgmma.cpp      matrix products of four warps together, from shared memory
//   LowerDebug.cpp    asserts and prints
//   LowerRecord.cpp   stamps of instrumented kernels
//
// The result is in the scf, arith, math, LLVM and NVVM dialects; upstream conversions do the rest.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_NVPTX_LOWERING_H
#define TILE_LIB_TARGET_NVPTX_LOWERING_H

#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/Tile.h"
#include "tile/Layout/LinearLayout.h"
#include "tile/Numerics/Numerics.h"
#include "tile/Target/NVPTX/NVPTX.h"

#include <array>
#include <map>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <optional>

namespace tile::nvptx {

/// The registers of one tile in one thread, in the order of its layout.
using Registers = llvm::SmallVector<mlir::Value>;

/// A view, as one thread sees it. Extents and strides are values of the index type; a stride that is known to be 1 is that constant.
struct View {
  /// In address space 1.
  mlir::Value base;
  llvm::SmallVector<mlir::Value> extents, strides;
  mlir::Type element;
  int64_t unitAxis = -1;
};

/// A slot of shared memory.
struct Slot {
  /// Bytes from the start of the program's shared memory, an i32.
  mlir::Value offset;
  ir::SlotType type;
};

class Lowering {
public:
  explicit Lowering(ir::KernelOp kernel);
  /// Replaces the kernel by an `llvm.func` in its module. Fails after a diagnostic.
  mlir::LogicalResult run();
  /// The entry's name.
  std::string entry() { return function.getName().str(); }
  /// Shared memory that it takes beyond what the kernel says.
  int64_t extraSharedBytes = 0;
  /// What a checked kernel may say.
  std::vector<Assertion> assertions;
  std::vector<Message> messages;
  /// Whether it waits for the kernel before it in its stream, and may be started earlier.
  bool startsEarly = false;

private:
  //===------------------------------- LowerKernel -------------------------------===//
  void createFunction();
  void bindArguments();
  void computeProgramIds();
  /// The ids of the program of a number, an i32, along the axes that are asked for.
  std::array<mlir::Value, 3> programIdsOf(mlir::Value number, llvm::ArrayRef<bool> asked);
  void lowerProgramId(ir::ProgramIdOp op);
  void lowerWorker(mlir::Operation *op);
  void lower(mlir::Block &block);
  void lower(mlir::Operation *op);
  void fail(mlir::Operation *op, const llvm::Twine &message);

  /// The registers of a tile, or the one value of a scalar.
  const Registers &registers(mlir::Value value) const;
  mlir::Value scalar(mlir::Value value) const { return registers(value).front(); }
  llvm::SmallVector<mlir::Value> scalars(mlir::ValueRange values) const;
  void setRegisters(mlir::Value value, Registers made);
  const View &view(mlir::Value value) const { return views.find(value)->second; }
  /// The type that an element has in a register: i1 stays i1, f8 is i8, an index is the kernel's index type.
  mlir::Type registerType(mlir::Type element) const;
  /// The type that it has in memory: a bool is i8, an index i64.
  mlir::Type memoryType(mlir::Type element) const;
  /// From the type in memory to the type in a register, and back.
  mlir::Value fromMemory(mlir::Value value, mlir::Type element);
  mlir::Value toMemory(mlir::Value value, mlir::Type element);

  /// Constants, made once at the start of the function.
  mlir::Value i32(int64_t value);
  mlir::Value index(int64_t value);
  /// A scalar constant of an integer or floating-point type.
  mlir::Value constant(mlir::TypedAttr value);
  mlir::Value intConstant(int64_t value, mlir::Type type);
  mlir::Value floatConstant(double value, mlir::Type type);
  /// This thread's lane and warp, as i32.
  mlir::Value lane(), warp();
  /// An op of two operands on scalars, folded where it can be.
  template <typename Op>
  mlir::Value make(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<Op>(loc, a, b);
  }
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::CmpIOp>(loc, predicate, a, b);
  }
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::SelectOp>(loc, condition, a, b);
  }
  /// Inline PTX.
  mlir::Operation *assembly(mlir::TypeRange results, llvm::StringRef text, llvm::StringRef constraints,
                            mlir::ValueRange operands, bool hasSideEffects);
  mlir::Value intrinsic(llvm::StringRef name, mlir::Type type, mlir::ValueRange operands = {});
  /// The results of inline PTX of several.
  llvm::SmallVector<mlir::Value> resultsOf(mlir::Operation *assembly, size_t count);
  /// Waits for all threads of the program, and for those of this warpgroup.
  void barrier();
  void warpgroupBarrier();
  /// Runs what one thread does for the program, or for its warpgroup.
  void whenElected(bool ofWarpgroup, llvm::function_ref<void()> then);
  /// Whether this thread is the one of that number.
  mlir::Value isThread(int64_t number) { return compare(mlir::arith::CmpIPredicate::eq, threadValue, i32(number)); }
  /// The number of the target's architecture: 90 for "sm_90a".
  unsigned architecture();

  //===------------------------------- Places -------------------------------===//
  /// The coordinates, as i32 values, that this thread's part of a layout starts at: what the lane's and the warp's columns add. A
  /// register's coordinates are these xor the constant that `registerCoordinates` gives.
  llvm::SmallVector<mlir::Value> threadCoordinates(const layout::LinearLayout &layout);
  /// What register r adds to the coordinates, by exclusive or.
  static llvm::SmallVector<int64_t> registerCoordinates(const layout::LinearLayout &layout, unsigned r);
  /// The coordinates of a register of this thread: with disjoint bits the exclusive or is an addition, which address arithmetic
  /// folds better, so it is written as one.
  llvm::SmallVector<mlir::Value> coordinates(const layout::LinearLayout &layout, unsigned r);
  /// The same with what a register adds given.
  llvm::SmallVector<mlir::Value> coordinates(const layout::LinearLayout &layout, llvm::ArrayRef<int64_t> constants);
  /// A linear function of lane and warp, as an i32: the exclusive or of `columns` of the set bits.
  mlir::Value linear(llvm::ArrayRef<uint64_t> laneColumns, llvm::ArrayRef<uint64_t> warpColumns);
  /// The same of the warp alone, which is one in all threads of a warp, as the assembler is told.
  mlir::Value uniform(llvm::ArrayRef<uint64_t> warpColumns);
  /// The number of the four warps that this thread belongs to.
  mlir::Value warpgroup();
  /// The pointer (address space 3) to a byte offset in the program's shared memory.
  mlir::Value sharedPointer(mlir::Value bytes);
  /// The same as a number, an i32.
  mlir::Value sharedAddress(mlir::Value bytes);
  /// A vector of scalars, and its elements.
  mlir::Value packVector(mlir::ValueRange elements, mlir::Type element);
  llvm::SmallVector<mlir::Value> unpackVector(mlir::Value vector);

  //===------------------------------- LowerControl -------------------------------===//
  void lowerFor(mlir::scf::ForOp op);
  mlir::scf::ForOp startFor(mlir::scf::ForOp op, mlir::Value from, mlir::ValueRange inits);
  void lowerPeeled(mlir::scf::ForOp op);
  void lowerIf(mlir::scf::IfOp op);
  void lowerWhile(mlir::scf::WhileOp op);
  /// All registers of some values, one after the other; their types; and the way back.
  llvm::SmallVector<mlir::Value> flat(mlir::ValueRange values) const;
  llvm::SmallVector<mlir::Type> flatTypes(mlir::TypeRange types) const;
  void bindFlat(mlir::ValueRange values, mlir::ValueRange made);
  void lowerRegion(mlir::Region &region, mlir::Block *into);

  //===------------------------------- LowerValues -------------------------------===//
  /// An elementwise op on scalars of any number of registers: the op itself on each.
  void lowerElementwise(mlir::Operation *op);
  void lowerConstant(mlir::Operation *op);
  void lowerIota(ir::IotaOp op);
  /// Broadcast, reshape and transpose: registers of the operand, taken again. `source` gives the operand's coordinates of a result's.
  void lowerShape(mlir::Operation *op);
  void lowerJoin(ir::JoinOp op);
  /// The registers of a tile whose elements are those at the coordinates that `wanted` gives for each register, in the same thread.
  std::optional<Registers> gather(const layout::LinearLayout &wanted, mlir::Value from) const;

  //===------------------------------- LowerArith -------------------------------===//
  /// An elementwise op of the kernel on scalars.
  llvm::SmallVector<mlir::Value> arithmetic(mlir::Operation *op, mlir::ValueRange operands);
  mlir::Value divide(mlir::Operation *op, mlir::Value n, mlir::Value d);
  mlir::Value remainder(mlir::Value x, mlir::Value y);
  mlir::Value approximate(mlir::Operation *op, mlir::Value x);
  mlir::Value castIndex(mlir::Operation *op, mlir::Value value);
  mlir::Value fromInteger(mlir::Operation *op, mlir::Value value, mlir::Type half);
  /// A half as f32.
  mlir::Value widened(mlir::Value half);
  /// A constant as it is in a register: an f8 by its bits, an index as an integer.
  mlir::TypedAttr registerValue(mlir::TypedAttr value) const;

  //===------------------------------- LowerExp -------------------------------===//
  llvm::SmallVector<mlir::Value> exponentials(mlir::ValueRange arguments, numerics::ExpRange range);
  mlir::Value exponential(mlir::math::ExpOp exp, mlir::Value x);
  mlir::Value areNear(llvm::ArrayRef<mlir::Value> arguments);
  /// Computes the exponentials of a thread's registers together where that is worth it; false where it left the op alone.
  bool lowerExponentials(mlir::Operation *op);
  bool hasAsynchronousProducts();

  //===------------------------------- LowerDivide -------------------------------===//
  /// Quotients, correctly rounded, of several f32 by one. Where `arePlain`, which may be null, is true, the dividends lie from 2^-90 to 2^90.
  llvm::SmallVector<mlir::Value> divideAll(llvm::ArrayRef<mlir::Value> dividends, mlir::Value divisor,
                                           mlir::Value arePlain);
  /// Divides where enough registers of a tile have the same divisor; false where it left the op alone.
  bool lowerSharedDivision(mlir::Operation *op);

  //===------------------------------- LowerViews -------------------------------===//
  void lowerSubview(ir::SubviewOp op);
  void lowerPermute(ir::PermuteOp op);
  void lowerExtent(ir::ExtentOp op);
  void lowerInside(ir::InsideOp op);
  /// An access to a view, prepared: what is uniform, and what depends on the thread. Address arithmetic is in i32 where the view's
  /// elements are known to be that near.
  struct AccessPlan {
    mlir::Value base;
    mlir::Type element;
    /// For each axis of the tile, the coordinates that are inside: `start <= c < start + count`, as i32; no `count` where all are.
    llvm::SmallVector<mlir::Value> starts, counts;
    /// Whether the bare indices are inside; null when they are known to be.
    mlir::Value inside;
    /// The strides of the tile's axes and the offset of its element 0, in elements, in `offsetType`.
    llvm::SmallVector<mlir::Value> strides;
    mlir::Value offset;
    mlir::Type offsetType;
    /// The tile's axis of unit stride, or -1; along it, aligned pieces of so many elements are inside or outside as a whole.
    int64_t unitAxis = -1, wholeElements = 1;
    /// What was computed for an axis and a coordinate already.
    llvm::DenseMap<std::pair<unsigned, int64_t>, mlir::Value> tests;
    /// Whether each piece's address is made from the one before, and its test from numbers that are read anew each time: an access in a
    /// loop whose pieces are so many that what they have in common with those of other iterations finds no room in registers.
    bool isFrugal = false;
  };
  AccessPlan planAccess(mlir::Value view, mlir::ValueRange offsets, llvm::ArrayRef<int64_t> widths);
  /// Whether the element of register r of a layout is inside the view; null when it is known to be.
  /// Whether no register of a layout sets a bit of an axis that lane or warp may set, so that what they say of a coordinate just adds up.
  static bool addsRegisters(const layout::LinearLayout &layout, unsigned axis);
  mlir::Value insideTest(AccessPlan &plan, const layout::LinearLayout &layout, unsigned r);
  mlir::Value bothOf(mlir::Value a, mlir::Value b);
  /// Has LLVM compute anew, where the builder stands, what is made of a number.
  mlir::Value renewed(mlir::Value value);
  /// Makes an access frugal.
  void saveRegisters(AccessPlan &plan);

  //===------------------------------- LowerAccess -------------------------------===//
  /// A place in memory: a pointer, and bytes from there that are known.
  struct Address {
    mlir::Value pointer;
    int64_t bytes = 0;
  };
  /// The pieces of an access: registers from `first` on, `count` of them next to each other in memory.
  struct Piece {
    unsigned first, count;
    Address address;
    /// Null when known to be inside.
    mlir::Value inside;
  };
  void lowerLoad(ir::LoadOp op);
  void lowerStore(ir::StoreOp op);
  /// Whether this thread is the first of those that hold the same elements; null when each holds its own.
  mlir::Value isHolder(const layout::LinearLayout &layout);
  /// Calls `body` with the pieces of an access, `elements` wide, without registers that repeat others. Addresses are computed once
  /// for pieces that only the unit axis tells apart.
  void forEachPiece(AccessPlan &plan, const layout::LinearLayout &layout, unsigned elements,
                    llvm::function_ref<void(const Piece &)> body);
  /// How many consecutive registers hold consecutive elements along the unit axis, up to `bytes`.
  static unsigned vectorElements(const layout::LinearLayout &layout, int64_t unitAxis, int64_t elementBytes,
                                 int64_t bytes);
  Registers loadPiece(const Piece &piece, mlir::Type element, mlir::TypedAttr padding, bool constantMemory);
  void storePiece(const Piece &piece, mlir::ValueRange elements, mlir::Type element);

  //===------------------------------- LowerShared -------------------------------===//
  void lowerRing(ir::RingOp op);
  void lowerScratch(ir::ScratchOp op);
  void lowerSlot(ir::SlotOp op);
  void lowerCopyAsync(ir::CopyAsyncOp op);
  void lowerRead(ir::ReadOp op);
  void lowerWrite(ir::WriteOp op);
  void lowerWait(mlir::Operation *op);
  /// What `readsProduced` is to be.
  static bool findReadsOfProduced(ir::KernelOp kernel);
  mlir::Value slotNumber(mlir::Value ticket, int64_t depth);
  mlir::Value slotOffset(mlir::Value ring, mlir::Value ticket);
  mlir::scf::IfOp onlyWhereClear(uint64_t lanes, uint64_t warps);
  class SharedTile;
  class SlotRegisters;
  void storeShared(SharedTile &target, uint64_t constantBytes, llvm::ArrayRef<mlir::Value> elements, mlir::Type memory);
  void writeRegisters(const Slot &slot, const layout::LinearLayout &layout, const Registers &value);
  bool storeMatrices(const Slot &slot, const layout::LinearLayout &layout, const Registers &value);

  //===------------------------------- LowerLaunch -------------------------------===//
  void startEarly();
  /// Whether the next kernel is let start behind the first loads, and not at the wait.
  bool startsNextLate();
  /// Waits for the kernel before this one, once; nothing before it touches global memory. Views that are read have other bases then.
  void waitForPredecessor();
  /// Whether the assembler may move loads of memory that stays as it likes: where nothing was waited for, and once they depend on the first.
  bool loadsMayMove() const { return !hasWaited || lastMade; }
  /// Behind an op: lets others be loads of memory that stays once the first have been asked for, and keeps what is made of these.
  void noteLoaded(mlir::Operation *op);
  /// An offset as it is, but depending on the first loads.
  mlir::Value behindFirstLoads(mlir::Value offset);

  //===------------------------------- LowerTeams -------------------------------===//
  /// The threads that run a program, and those of all teams.
  int32_t teamThreads() { return static_cast<int32_t>(32 * kernel.getNumWarps().value()); }
  int32_t allTeamThreads() { return static_cast<int32_t>(ir::teamsOf(kernel)) * teamThreads(); }
  mlir::Value ofTeam(int64_t stride);
  /// Behind the barriers of all threads, of the consumers, and of each team.
  int64_t firstTurnBarrier() { return 2 + ir::teamsOf(kernel); }
  bool isWalkOfTeams(mlir::scf::ForOp op);
  void lowerWalk(mlir::scf::ForOp op);
  void initTurns(ir::ChannelOp channel);
  void takeTurn();
  void passTurn();
  mlir::Value turnAddress(ir::ChannelOp channel, mlir::Value team);
  void meetForTurn(llvm::StringRef how, mlir::Value team);

  //===------------------------------- LowerProducer -------------------------------===//
  void lowerProducer(ir::ProducerOp op);
  void asProducer(llvm::function_ref<void()> body);
  /// Whether warpgroups multiply, which have registers of their own count.
  bool hasWarpgroupProducts();
  /// The threads beside a program's own that fill its rings: a warp, or a whole warpgroup where registers are given to such.
  int32_t producerThreads() { return hasWarpgroupProducts() ? 128 : 32; }
  /// Whether the producer's threads copy too, all of them. Else one issues tensor copies.
  bool hasThreadCopies();
  /// Runs what one thread of the producer does for all.
  void whenFirstOfProducer(llvm::function_ref<void()> then);
  /// How many programs with a producer a processor has room for, as far as registers are given out by hand.
  int32_t programsPerProcessor();
  int32_t programsBySharedMemory();
  int32_t programsOfWarps();

  //===------------------------------- LowerChannel -------------------------------===//
  void lowerChannel(ir::ChannelOp op);
  void initChannels();
  void lowerAcquire(ir::AcquireOp op);
  void lowerAwait(ir::AwaitOp op);
  void lowerRelease(ir::ReleaseOp op);
  void lowerCommit(ir::CommitOp op);
  mlir::Value eventAddress(ir::ChannelOp channel, mlir::Value ticket, bool ofEmpty);
  void waitForEvent(ir::ChannelOp channel, mlir::Value ticket, bool ofEmpty);

  //===------------------------------- LowerTensor -------------------------------===//
  /// Finds the tensor maps that the kernel takes.
  void collectTensorMaps();
  std::optional<TensorMap> tensorMap(mlir::Operation *op, mlir::Value view, llvm::ArrayRef<int64_t> widths,
                                     ir::SlotType slot, int64_t mostRows = INT64_MAX);
  void prefetchTensorMaps();
  void lowerTensorCopy(ir::CopyAsyncOp op);
  void lowerTensorStore(mlir::Operation *op);
  /// The boxes of a tile: for each the address that it has in shared memory, and its coordinates in the map's order.
  struct Box {
    int64_t bytes;
    llvm::SmallVector<mlir::Value> coordinates;
  };
  mlir::Value coordinate(mlir::Value position);
  llvm::SmallVector<Box> boxes(const TensorMap &map, mlir::Value view, mlir::ValueRange offsets, ir::SlotType slot);
  /// Moves a box to this warpgroup's rows, along the first axis that the tile has.
  void moveToWarpgroup(Box &box, const TensorMap &map, mlir::Value view, llvm::ArrayRef<int64_t> widths);
  /// Waits until the tiles that this thread is storing have left shared memory.
  void drainStores();

  //===------------------------------- LowerConvert -------------------------------===//
  void lowerConvert(ir::ConvertLayoutOp op);
  /// Registers of one layout from those of another; none when data would cross warps.
  std::optional<Registers> convert(const layout::LinearLayout &from, const layout::LinearLayout &to,
                                   llvm::ArrayRef<mlir::Value> given);
  /// What another lane offers: the lane of that number, or the one at that distance (by exclusive or).
  Registers shuffle(mlir::ValueRange elements, mlir::Value lane, bool isDistance);
  mlir::Value shuffleWord(mlir::Value word, mlir::Value lane, bool isDistance);
  mlir::Value exchangeCondition(uint64_t lanes, uint64_t warps);

  //===------------------------------- LowerReduce -------------------------------===//
  void lowerReduce(ir::ReduceOp op);
  struct Fold;

  //===------------------------------- LowerDot, DotMma -------------------------------===//
  void lowerDot(ir::DotOp op);
  mlir::Value widened(mlir::Value value, mlir::Type element, bool isUnsigned);
  void lowerMma(ir::DotOp op);
  class MmaWords;
  //===------------------------------- DotWgmma -------------------------------===//
  void lowerWgmma(ir::DotOp op);
  llvm::SmallVector<mlir::Value> operandWords(ir::DotOp op, const layout::LinearLayout &layout);
  void lowerDotWait(ir::DotWaitOp op);
  /// Whether a loop's first product overwrites a sum that would begin as zero.
  bool overwritesFirst(mlir::scf::ForOp op) const;
  /// Whether a wait is for the sums of a loop alone that has waited for them itself, and no product has begun since.
  bool isWaitedFor(ir::DotWaitOp op) const;
  /// Waits until at most `pending` products are under way, and passes values through.
  llvm::SmallVector<mlir::Value> waitForProducts(uint64_t pending, mlir::ValueRange operands);
  mlir::Value descriptor(mlir::Value operand, unsigned alongK, mlir::Value moved);
  llvm::SmallVector<mlir::Value, 2> halvesOfF8(mlir::Value word, mlir::Type element);

  //===------------------------------- LowerDebug -------------------------------===//
  void lowerAssert(ir::AssertOp op);
  void lowerPrint(ir::PrintOp op);
  /// In a kernel with assertions, an op that the rest of the kernel stands in: none of it runs once an assertion has failed.
  mlir::scf::IfOp skipWhenStopped();
  mlir::Value headerWord(unsigned word);
  mlir::Value anyThread(mlir::Value condition);
  mlir::Value programWord(unsigned axis);
  void when(mlir::Value condition, llvm::function_ref<void()> then);

  //===------------------------------- LowerRecord -------------------------------===//
  /// In an instrumented kernel, finds this warp's record and writes when it begins; and when it is done.
  void beginRecord();
  void endRecord();
  void lowerStamp(ir::StampOp op);
  /// 32 bits of an element, for what is to depend on it.
  mlir::Value wordOf(mlir::Value element);

  ir::KernelOp kernel;
  mlir::OpBuilder builder;
  mlir::Location loc;
  bool failed = false;
  /// Whether the kernel before this one has been waited for.
  bool hasWaited = false;
  /// Of a kernel that starts early: the last of the loads that it begins with, until that has been lowered.
  ir::LoadOp lastFirstLoad = nullptr;
  /// Values of the kernel's body that depend on the last of its first loads, and a register of the newest; null where there are none.
  llvm::DenseSet<mlir::Value> madeOfLoaded;
  mlir::Value lastMade;

  mlir::LLVM::LLVMFuncOp function;
  /// Constants and what depends on the thread alone stand at the start of the function, each once.
  mlir::OpBuilder entryBuilder;
  mlir::Type indexType;
  /// This thread's number within its program, an i32; and within its block, where further threads are.
  mlir::Value threadValue, blockThread;
  /// Which team the thread is of, where a kernel has several; the loop over its programs, and whether another team has one behind this one.
  mlir::Value team, isFollowed;
  mlir::scf::ForOp walk;
  /// The op of that loop behind which the next team has its turn; null when it has it.
  mlir::Operation *turnEnd = nullptr;
  llvm::DenseMap<mlir::Attribute, mlir::Value> constants;
  std::map<std::vector<uint64_t>, mlir::Value> linears;
  /// Those of them that are one in a warp, taken from its first lane.
  llvm::DenseMap<mlir::Value, mlir::Value> uniforms;

  llvm::DenseMap<mlir::Value, Registers> values;
  llvm::DenseMap<mlir::Value, View> views;
  /// Tiles of exponentials, each with whether this thread's arguments were all near 0.
  llvm::DenseMap<mlir::Value, mlir::Value> nearExponentials;
  std::optional<bool> asynchronousProducts;
  llvm::DenseMap<mlir::Value, Slot> slots;
  mlir::Value gridExtents[3], programIds[3], checkedMemory;
  /// In a persistent kernel, by the program's number and the block that they are computed in.
  llvm::DenseMap<std::pair<mlir::Value, mlir::Block *>, std::array<mlir::Value, 3>> numberedIds;

  /// What copies and stores take which tensor map, and the parameters that these are.
  std::vector<TensorMap> tensorMaps;
  llvm::DenseMap<mlir::Operation *, unsigned> tensorMapOf;
  llvm::SmallVector<mlir::Value> tensorMapArguments;
  /// Of an instrumented kernel: its sites, its last words, where this warp's record is, and whether this thread writes it.
  int64_t recordSites = 0;
  mlir::Value recordArguments[4], recordPointer, isRecorder;
  /// The threads that a barrier is for, once there are others; 0 for all.
  int32_t consumerThreads = 0;
  /// The warps that run what is being lowered together: the program's, or those of a producer whose threads copy.
  int64_t warpCount = 0;
  /// Whether these are a producer's.
  bool ofProducer = false;
  /// The report says how programs are numbered.
  bool hasReportedOrder = false;
  /// Whether the kernel's threads read for themselves what its producer brings.
  bool readsProduced;
};

} // namespace tile::nvptx

#endif // TILE_LIB_TARGET_NVPTX_LOWERING_H
