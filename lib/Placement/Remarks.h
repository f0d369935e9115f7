//===- Remarks.h - What placement says of its decisions ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_REMARKS_H
#define TILE_LIB_PLACEMENT_REMARKS_H

#include <mlir/IR/Remarks.h>

namespace tile::placement {

/// The category of all remarks of this library.
inline constexpr llvm::StringLiteral kRemarkCategory = "placement";

/// Says what was decided; `text` is asked for only when somebody listens.
template <typename Text>
void remarkOn(mlir::Location loc, llvm::StringRef subject, Text text) {
  using namespace mlir::remark;
  auto remark = passed(loc, RemarkOpts::name(subject).category(kRemarkCategory));
  if (remark)
    remark << add("{0}", text());
}

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_REMARKS_H
