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

namespace tile::numerics {

Number expandExp(const Number &x);
/// The same bits for what is at most 0 or NaN, in fewer steps.
Number expandExpAtMostZero(const Number &x);
Number expandExp2(const Number &x);
Number expandLog(const Number &x);
Number expandLog2(const Number &x);
Number expandSin(const Number &x);
Number expandCos(const Number &x);
Number expandTanh(const Number &x);
Number expandErf(const Number &x);
Number expandRsqrt(const Number &x);

} // namespace tile::numerics

#endif // TILE_LIB_NUMERICS_EXPANSIONS_H
