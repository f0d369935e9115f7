//===- Expansions.h - Elementary functions in arithmetic --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each takes and gives f32 or f64, over the whole range: infinities, NaN and subnormals included. docs/numerics.md has the
// errors. Coefficients come from utils/minimax.py.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_NUMERICS_EXPANSIONS_H
#define TILE_LIB_NUMERICS_EXPANSIONS_H

#include "Number.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>

#include <optional>

namespace tile::numerics {

Number expandExp(const Number &x);
/// The same bits for what is at most 0 or NaN, in fewer steps.
Number expandExpAtMostZero(const Number &x);
Number expandExp2(const Number &x);
/// For what is at most 0 and gives a normal number of f32; not NaN.
Number expandExp2Normal(const Number &x);
Number expandLog(const Number &x);
Number expandLog2(const Number &x);
Number expandSin(const Number &x);
Number expandCos(const Number &x);
Number expandTanh(const Number &x);
Number expandErf(const Number &x);
/// The same of f32 for targets that compute powers of two themselves, and approximate quotients.
Number expandTanhByPower(const Number &x);
Number expandErfByPower(const Number &x);
Number expandRsqrt(const Number &x);

/// What 0.5 * x * (1 + erf(x / sqrt 2)) is made of, in any order of factors and summands.
struct Gelu {
  mlir::Value x;
  mlir::math::ErfOp erf;
};
/// The GELU that ends in a product; nothing where it ends none, or is not of f32.
std::optional<Gelu> matchGelu(mlir::arith::MulFOp product);
/// Where a GELU's power of two comes from: arithmetic, the target's instruction, with a shorter polynomial for its argument, or the same less exactly.
enum class GeluForm { Arithmetic, ByPower, Fast };
/// Its value at x, in f32.
Number expandGelu(const Number &x, GeluForm form);

} // namespace tile::numerics

#endif // TILE_LIB_NUMERICS_EXPANSIONS_H
