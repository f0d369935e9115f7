//===- Numerics.h - What floating point means, decided once ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes that settle floating-point results before the targets part, so that every target gives the same bits, or at least keeps the same
// promise. Each runs on any op and rewrites what is nested in it; none folds or moves anything else. docs/numerics.md has the errors and the
// rules.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_NUMERICS_NUMERICS_H
#define TILE_NUMERICS_NUMERICS_H

#include <mlir/IR/Builders.h>
#include <mlir/IR/Value.h>
#include <mlir/Pass/Pass.h>
#include <mlir/Pass/PassManager.h>

namespace tile::numerics {

/// `tile-contract-fma`: a product with one use that is added or subtracted becomes `math.fma`. It runs on the phase `tile`: a
/// pipelined loop may part a product from its sum, and the number of stages isn't to change a result.
std::unique_ptr<mlir::Pass> createContractFmaPass();

/// `tile-expand-math`: elementary functions become arithmetic.
std::unique_ptr<mlir::Pass> createExpandMathPass();

/// `tile-expand-f8`: casts from and to 8-bit floats become integer arithmetic on their bits; other arithmetic on them is done
/// in f32.
std::unique_ptr<mlir::Pass> createExpandF8Pass();

/// Adds what runs last before a target: the expansion of elementary functions, then that of 8-bit floats, for a function of an
/// f8 is a cast, an expansion and a cast. Nothing is contracted after or in an expansion, which says itself what is fused.
void buildNumericsPipeline(mlir::OpPassManager &manager);

/// Makes the passes and the pipeline `tile-numerics` known to textual pipelines.
void registerNumericsPasses();

/// What is known of the arguments of exponentials.
enum class ExpRange {
  Any,
  AtMostZero, ///< Or NaN.
  Near,       ///< From -kNearExp to kNearExp, or NaN.
};
inline constexpr float kNearExp = 62;

/// Stands, beside a kernel's `math.exp` of f32 that its target is to compute, for the knowledge that no argument is above 0.
inline constexpr llvm::StringLiteral kAtMostZeroAttrName = "at_most_zero";

/// e^x of scalars, tensors or vectors of f32, by an instruction for powers of two: what targets that have one make of `math.exp`.
/// `powerOf2` writes that instruction for an argument below 128; where it may, the instruction can give 0 for subnormal results.
/// All ranges give the same bits for the arguments that they share.
llvm::SmallVector<mlir::Value>
exponentials(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange arguments, ExpRange range,
             llvm::function_ref<mlir::Value(mlir::Value argument, bool mayFlush)> powerOf2);

/// Whether an element type is one of the 8-bit floats of the language.
bool isF8(mlir::Type elementType);

/// An f8 scalar, tensor or vector widened, exactly, to elements of f16, bf16, f32 or f64: what `tile-expand-f8` makes of
/// `arith.extf`.
mlir::Value widenF8(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Type elementType);

/// A scalar, tensor or vector of f16, bf16, f32 or f64 rounded once, to nearest even, to an f8 type: what `tile-expand-f8`
/// makes of `arith.truncf`.
mlir::Value narrowToF8(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Type elementType);

} // namespace tile::numerics

#endif // TILE_NUMERICS_NUMERICS_H
