//===- ReportPage.h - A benchmark's result as a page ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_REPORTPAGE_H
#define TILE_TUNING_REPORTPAGE_H

#include <llvm/Support/JSON.h>

namespace tile::tuning {

/// Writes one HTML page that needs nothing else: verdict, charts, the schedule, all rows, the IR of each phase. `document` is what
/// tile-bench writes as JSON; whatever it lacks, the page lacks, too. Nothing in it becomes markup, but a picture that a schedule was drawn as.
void writeReport(const llvm::json::Object &document, llvm::raw_ostream &os);

} // namespace tile::tuning

#endif // TILE_TUNING_REPORTPAGE_H
