//===- Lowering.h - From a pipelined kernel to loops over vectors -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A translation in one pass over the kernel, in program order. Scalars become scalars; views become pointers, extents and strides;
// a tile becomes a place in memory, or nothing at all when it is computed inside the loops that use it (FusionPlan). What comes
// out is `scf` loops over `arith` and `math` on vectors, with `llvm` loads and stores.
//
// One file per family of ops: LowerKernel, LowerControl, LowerViews, LowerRings, LowerValues, LowerArith, LowerReduce, LowerDot,
// LowerDebug, LowerRecord.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_LOWERING_H
#define TILE_LIB_TARGET_CPU_LOWERING_H

#include "FusionPlan.h"
#include "tile/Target/CPU/ScratchPlan.h"

#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/Vector/IR/VectorOps.h>
#include <mlir/IR/IRMapping.h>

namespace tile::cpu {

/// The name of the function that runs the programs [begin, end) of a grid:
/// `(words : ptr, grid : ptr, begin : index, end : index, scratch : ptr)`.
inline constexpr llvm::StringLiteral kEntryName = "tile_entry";
/// The attribute of the module that says how much scratch memory a worker needs.
inline constexpr llvm::StringLiteral kScratchAttrName = "cpu.scratch_bytes";

/// An index along one axis; with `lanes`, lane i of a vector stands at base + i.
struct Coord {
  mlir::Value base;
  bool lanes;
  bool operator==(const Coord &) const = default;
};
using Coords = llvm::SmallVector<Coord, 4>;

/// The elements that one turn of a loop computes: one, or as many as a vector has lanes.
struct Chunk {
  Coords at;
  int64_t lanes;
  mlir::Operation *root;
  /// What was computed for this chunk already.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<std::pair<Coords, mlir::Value>, 1>> computed{};
};

/// A tile in memory.
struct Place {
  mlir::Value ptr;
  llvm::SmallVector<int64_t> shape;
  /// In elements; constants where known.
  llvm::SmallVector<mlir::Value> strides;
  mlir::Type element;
  /// The scratch buffer it lies in, or may lie in; -1 when none.
  int buffer = -1;
  /// Row-major without gaps.
  bool dense = false;
  /// No other tile has a part in the buffer, so that a tile that replaces this one may take it over.
  bool owned = false;
};

/// A view: its element type, and what the launch gave.
struct View {
  mlir::Value ptr;
  llvm::SmallVector<mlir::Value> extents, strides;
  mlir::Type element;
  int64_t unitAxis = -1;
};

class Lowering {
public:
  Lowering(ir::KernelOp kernel, int64_t vectorBits, bool late);
  /// Adds the entry function to the module. Fails after a diagnostic.
  mlir::LogicalResult run(mlir::ModuleOp module);

private:
  //===------------------------------- LowerKernel -------------------------------===//
  void loadArguments(mlir::Value words);
  void lower(mlir::Block &block);
  void lower(mlir::Operation *op);
  mlir::LogicalResult placeScratch(mlir::ModuleOp module);
  void fail(mlir::Operation *op, const llvm::Twine &message);

  mlir::Value constant(int64_t value);
  mlir::Value constant(mlir::TypedAttr value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value toI64(mlir::Value index);
  mlir::Value offsetPtr(mlir::Value ptr, mlir::Type element, mlir::Value offset);
  mlir::Value call(llvm::StringRef name, mlir::ValueRange arguments);
  /// The new value of a scalar of the kernel.
  mlir::Value scalar(mlir::Value value) { return map.lookup(value); }
  llvm::SmallVector<mlir::Value> scalars(mlir::ValueRange values);
  /// Makes a buffer for a tile of this type.
  Place makePlace(mlir::RankedTensorType type, const llvm::Twine &purpose);
  Place densePlace(mlir::Value ptr, llvm::ArrayRef<int64_t> shape, mlir::Type element, int buffer);

  //===------------------------------- LowerControl -------------------------------===//
  struct Move {
    mlir::Value source;
    Place target;
  };
  void lowerFor(mlir::scf::ForOp loop);
  void lowerIf(mlir::scf::IfOp branch);
  void lowerWhile(mlir::scf::WhileOp loop);
  void moveAll(llvm::SmallVector<Move> moves);
  bool reads(mlir::Value tile, int buffer, bool onlyOtherwise);
  bool mayTakeOver(mlir::Value tile);
  llvm::SmallVector<mlir::Value> carriedScalars(mlir::ValueRange values);
  void mapScalars(mlir::ValueRange values, mlir::ValueRange made);
  llvm::SmallVector<mlir::Type> scalarTypes(mlir::Operation *op, mlir::TypeRange types);
  llvm::SmallVector<Place> placesFor(mlir::TypeRange types, llvm::StringRef purpose);
  void moveTo(mlir::ValueRange sources, llvm::ArrayRef<Place> targets);
  void bindPlaces(mlir::ValueRange values, llvm::ArrayRef<Place> places);

  //===------------------------------- LowerViews -------------------------------===//
  void lowerSubview(ir::SubviewOp op);
  void lowerPermute(ir::PermuteOp op);
  void lowerLoad(ir::LoadOp op);
  void lowerStore(ir::StoreOp op);
  mlir::Value inside(const View &view, mlir::ValueRange offsets, llvm::ArrayRef<int64_t> widths);
  /// The part of a view that an access names, when it is wholly inside.
  Place placeInView(const View &view, mlir::ValueRange offsets, llvm::ArrayRef<int64_t> widths);
  bool hasUnitRows(const View &view, llvm::ArrayRef<int64_t> widths);
  void callWithBox(llvm::StringRef function, const View &view, mlir::ValueRange offsets, llvm::ArrayRef<int64_t> widths,
                   const Place &tile, mlir::TypedAttr pad, mlir::ValueRange rest = {});
  void copyIn(const View &view, mlir::ValueRange offsets, llvm::ArrayRef<int64_t> widths, mlir::TypedAttr pad,
              const Place &target);
  void when(mlir::Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise = nullptr);

  //===------------------------------- LowerRings -------------------------------===//
  struct Ring {
    mlir::Value ptr;
    int64_t slotBytes;
    int buffer, id;
  };
  void lowerRing(ir::RingOp op);
  void lowerCopyAsync(ir::CopyAsyncOp op);
  void lowerProtocol(mlir::Operation *op, llvm::StringRef function, mlir::Value channel, mlir::Value ticket);
  void lowerRead(ir::ReadOp op);
  Place slot(mlir::Value ring, mlir::Value ticket);

  //===------------------------------- LowerValues -------------------------------===//
  /// How many lanes the vectors of a root get, by the widest elements of what it computes.
  int64_t lanesFor(mlir::ValueRange tiles);
  /// Loops over the elements of a shape, many lanes at a time along the last axis longer than 1; `skip` is an axis that stays at 0.
  void forEach(llvm::ArrayRef<int64_t> shape, int64_t maxLanes, llvm::function_ref<void(const Coords &, int64_t)> body,
               int64_t skip = -1);
  mlir::Value element(mlir::Value tile, const Coords &at, Chunk &chunk);
  mlir::Value compute(mlir::Value tile, const Coords &at, Chunk &chunk);
  mlir::Value computeInside(ir::InsideOp op, const Coords &at, int64_t lanes);
  mlir::Value computeIota(ir::IotaOp op, const Coords &at, int64_t lanes);
  mlir::Value laneIndices(int64_t lanes, mlir::Type type);
  mlir::Value load(const Place &place, const Coords &at, int64_t lanes);
  void store(mlir::Value value, const Place &place, const Coords &at, int64_t lanes);
  mlir::Value address(const Place &place, const Coords &at, mlir::Value more = {});
  mlir::Value spread(mlir::Value scalar, int64_t lanes);
  /// Makes the buffers of what a root stores in passing. What the root computes must run between the two.
  void beginRoot(mlir::Operation *root);
  void endRoot(mlir::Operation *root);
  /// Computes a tile into a place, or copies it there.
  void materialise(mlir::Value tile, const Place &target, mlir::Operation *root = nullptr);
  void copy(const Place &from, const Place &to);
  void lowerTile(mlir::Operation *op);
  void lowerReshape(ir::ReshapeOp op);
  void lowerJoin(ir::JoinOp op);
  void lowerConstant(mlir::arith::ConstantOp op);
  /// Where a stored tile lies, without gaps.
  Place dense(mlir::Value tile);

  //===------------------------------- LowerArith -------------------------------===//
  /// The type an element has in a register, and in memory.
  mlir::Type registerType(mlir::Type element, int64_t lanes = 0);
  mlir::Type memoryType(mlir::Type element);
  mlir::TypedAttr registerValue(mlir::TypedAttr value);
  mlir::Value splatConstant(mlir::TypedAttr value, mlir::Type type);
  mlir::Value floatConstant(double value, mlir::Type type);
  mlir::Value intConstant(int64_t value, mlir::Type type);
  llvm::SmallVector<mlir::Value> arithmetic(mlir::Operation *op, mlir::ValueRange operands, int64_t lanes);
  mlir::Value divide(mlir::Operation *op, mlir::Value n, mlir::Value d);
  mlir::Value fusedHalf(mlir::ValueRange operands, mlir::Type half, int64_t lanes);
  mlir::Value fromInteger(mlir::Operation *op, mlir::Value value, mlir::Type half, int64_t lanes);
  mlir::Value narrow(mlir::Value value, mlir::Type half, int64_t lanes);
  mlir::Value roundToOdd(mlir::Value wide, int64_t lanes);
  mlir::Value widen(mlir::Value value, mlir::Type from, mlir::Type to, int64_t lanes, bool isUnsigned = false);
  template <typename Op>
  mlir::Value make(mlir::Value a, mlir::Value b) {
    return Op::create(builder, loc, a, b);
  }

  //===------------------------------- LowerReduce -------------------------------===//
  struct Fold;
  void lowerReduce(ir::ReduceOp op);

  //===------------------------------- LowerDot -------------------------------===//
  void lowerDot(ir::DotOp op);
  Place dotOperand(mlir::Value operand, mlir::Type computeType, bool isUnsigned);
  Place dotAccumulator(ir::DotOp op);

  //===------------------------------- LowerDebug -------------------------------===//
  void lowerAssert(ir::AssertOp op);
  void lowerPrint(ir::PrintOp op);
  mlir::Value text(llvm::StringRef text);
  mlir::Value global(mlir::Attribute data, mlir::Type type);

  //===------------------------------- LowerRecord -------------------------------===//
  /// In an instrumented kernel, around each program.
  void beginRecord(mlir::Value words, mlir::Value program);
  void endRecord();
  void lowerStamp(ir::StampOp op);
  /// The stamps that end a loop's body: what it yields is computed before them.
  void lowerLastStamps(mlir::Block &body);

  ir::KernelOp kernel;
  FusionPlan plan;
  int64_t vectorBits;
  bool late;
  bool failed = false;

  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::ModuleOp module;
  mlir::Type ptrType, indexType, i64Type;
  /// Constants and the addresses of buffers stand at the start of the entry function, each once.
  mlir::OpBuilder entryBuilder;
  llvm::DenseMap<int64_t, mlir::Value> indexConstants;
  mlir::Value scratchPtr, worker;
  /// Of an instrumented kernel: its sites, and the first of its last words among those of the launch.
  int64_t recordSites = 0;
  int32_t recordWord = 0;
  mlir::Value programIds[3];
  ScratchPlan scratch;
  llvm::SmallVector<mlir::LLVM::GEPOp> bufferPtrs;

  mlir::IRMapping map;
  llvm::DenseMap<mlir::Value, View> views;
  llvm::DenseMap<mlir::Value, Place> places;
  llvm::DenseMap<mlir::Value, Ring> rings;
  /// What the current root stores in passing and has not stored yet.
  llvm::DenseMap<mlir::Value, Place> passing;
};

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_LOWERING_H
