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
//   LowerKernel.cpp   arguments, program ids, dispatch, control flow
//   LowerValues.cpp   elementwise work, constants, iota, broadcast, reshape, transpose, join
//   LowerViews.cpp    views, loads and stores of global memory
//   LowerShared.cpp   slots: asynchronous copies, reads and writes, waits and barriers
//   LowerConvert.cpp  layout conversions within a warp
//   LowerReduce.cpp   folds
//   LowerDot.cpp      matrix products
//   LowerDebug.cpp    asserts and prints
//
// The result is in the scf, arith, math, LLVM and NVVM dialects; upstream conversions do the rest.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_NVPTX_LOWERING_H
#define TILE_LIB_TARGET_NVPTX_LOWERING_H

#include "tile/Dialect/Tile.h"
#include "tile/Layout/LinearLayout.h"
#include "tile/Target/NVPTX/NVPTX.h"

#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/IR/IRMapping.h>

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
  /// What a checked kernel may say.
  std::vector<Assertion> assertions;
  std::vector<Message> messages;

private:
  //===------------------------------- LowerKernel -------------------------------===//
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
  /// This thread's lane (i32) and warp (i32).
  mlir::Value lane(), warp();

  //===------------------------------- Places -------------------------------===//
  /// The coordinates, as i32 values, that this thread's part of a layout starts at: what the lane's and the warp's columns add. A
  /// register's coordinates are these xor the constant that `registerCoordinates` gives.
  llvm::SmallVector<mlir::Value> threadCoordinates(const layout::LinearLayout &layout);
  /// What register r adds to the coordinates, by exclusive or.
  static llvm::SmallVector<int64_t> registerCoordinates(const layout::LinearLayout &layout, unsigned r);
  /// The coordinates of a register of this thread: with disjoint bits the exclusive or is an addition, which address arithmetic
  /// folds better, so it is written as one.
  llvm::SmallVector<mlir::Value> coordinates(const layout::LinearLayout &layout, unsigned r);
  /// A linear function of lane and warp, as an i32: the exclusive or of `columns` of the set bits.
  mlir::Value linear(llvm::ArrayRef<uint64_t> laneColumns, llvm::ArrayRef<uint64_t> warpColumns);
  /// The byte offset within a slot of this thread's register 0, as i32, and what each register adds by exclusive or. `registers` may be
  /// any layout over the slot's tile.
  struct SharedPlaces {
    mlir::Value threadBytes;
    llvm::SmallVector<uint64_t> registerBytes;
  };
  SharedPlaces sharedPlaces(const layout::LinearLayout &registers, ir::SlotType slot);
  /// The pointer (address space 3) to a byte offset in shared memory.
  mlir::Value sharedPointer(mlir::Value bytes);

  //===------------------------------- LowerKernel: control -------------------------------===//
  void lowerFor(mlir::Operation *op);
  void lowerIf(mlir::Operation *op);
  void lowerWhile(mlir::Operation *op);

  //===------------------------------- LowerValues -------------------------------===//
  /// An elementwise op on scalars of any number of registers: the op itself on each.
  void lowerElementwise(mlir::Operation *op);
  void lowerConstant(mlir::Operation *op);
  void lowerIota(ir::IotaOp op);
  /// Broadcast, reshape and transpose: registers of the operand, taken again. `source` gives the operand's coordinates of a result's.
  void lowerShape(mlir::Operation *op);
  void lowerJoin(ir::JoinOp op);

  //===------------------------------- LowerViews -------------------------------===//
  void lowerSubview(ir::SubviewOp op);
  void lowerExtent(ir::ExtentOp op);
  void lowerLoad(ir::LoadOp op);
  void lowerStore(ir::StoreOp op);
  void lowerInside(ir::InsideOp op);
  /// The address of an element and whether it is inside the view; coordinates are the tile's, offsets and widths the access's.
  struct Element {
    mlir::Value address, inside;
  };

  //===------------------------------- LowerShared -------------------------------===//
  void lowerRing(ir::RingOp op);
  void lowerScratch(ir::ScratchOp op);
  void lowerSlot(ir::SlotOp op);
  void lowerCopyAsync(ir::CopyAsyncOp op);
  void lowerRead(ir::ReadOp op);
  void lowerWrite(ir::WriteOp op);
  void lowerWait(mlir::Operation *op);

  //===------------------------------- LowerConvert, LowerReduce, LowerDot -------------------------------===//
  void lowerConvert(ir::ConvertLayoutOp op);
  void lowerReduce(ir::ReduceOp op);
  void lowerDot(ir::DotOp op);

  //===------------------------------- LowerDebug -------------------------------===//
  void lowerAssert(ir::AssertOp op);
  void lowerPrint(ir::PrintOp op);

  ir::KernelOp kernel;
  mlir::OpBuilder builder;
  mlir::Location loc;
  bool failed = false;

  mlir::LLVM::LLVMFuncOp function;
  /// Constants and what depends on the thread alone stand at the start of the function, each once.
  mlir::OpBuilder entryBuilder;
  mlir::Type indexType;
  mlir::Value laneValue, warpValue;
  llvm::DenseMap<std::pair<int64_t, mlir::Type>, mlir::Value> constants;

  llvm::DenseMap<mlir::Value, Registers> values;
  llvm::DenseMap<mlir::Value, View> views;
  llvm::DenseMap<mlir::Value, Slot> slots;
  mlir::Value gridExtents[3], programIds[3], checkedMemory;
};

} // namespace tile::nvptx

#endif // TILE_LIB_TARGET_NVPTX_LOWERING_H
