//===- Room.cpp - Whether memory has room for the arguments --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A processor's memory is promised before it is there, so that too large a problem would fill it for a long time and then be killed
/// without a word. All sizes are doubles: they may be larger than any address.
///
//===----------------------------------------------------------------------===//

#include "tile/Error.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Tuning/Problem.h"

#include <llvm/Support/FormatVariadic.h>

#include <unistd.h>

using namespace tile;
using namespace tile::tuning;

/// "16.0 GB".
static std::string sizeText(double bytes) {
  constexpr double kStep = 1000;
  llvm::StringRef unit;
  for (llvm::StringRef next : {"B", "kB", "MB", "GB", "TB", "PB", "EB"}) {
    if (!unit.empty() && bytes < kStep)
      break;
    bytes /= unit.empty() ? 1 : kStep;
    unit = next;
  }
  return llvm::formatv("{0:F1} {1}", bytes, unit).str();
}

/// Bytes of this machine's memory; 0 where nobody knows.
static double memoryOfHost() {
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0 ? static_cast<double>(pages) * static_cast<double>(size) : 0;
}

/// Bytes of a GPU's memory that are free; 0 where nobody knows.
static double memoryOf(driver::Gpu &gpu) {
  driver::ContextScope scope(gpu);
  std::size_t available = 0, total = 0;
  bool isKnown =
      scope.error == driver::result::success && gpu.api().memGetInfo(&available, &total) == driver::result::success;
  return isKnown ? static_cast<double>(available) : 0;
}

void tuning::checkRoom(const Device &device, const std::vector<ArgumentPlan> &plan) {
  double views = 0, largest = 0, written = 0;
  std::string list;
  for (const ArgumentPlan &argument : plan) {
    if (!argument.isView || !argument.present)
      continue;
    double bytes = static_cast<double>(argument.elements()) * static_cast<double>(sizeOf(argument.type));
    views += bytes;
    largest = std::max(largest, bytes);
    written += argument.isWritten() ? bytes : 0;
    list += "; " + tuning::describe(argument) + ": " + sizeText(bytes);
  }
  driver::Gpu *gpu = device.get()->gpu.get();
  if (double room = gpu ? memoryOf(*gpu) : 0; room > 0 && views > room)
    throw Error("the arguments take " + sizeText(views) + ", and device '" + device.name() + "' has " + sizeText(room) +
                " of memory left" + list);
  // A view is filled from a copy, and results are compared with wanted ones.
  double copies = std::max(largest, 2 * written), needed = copies + (gpu ? 0 : views);
  if (double room = memoryOfHost(); room > 0 && needed > room)
    throw Error("the arguments take " + sizeText(needed) + " of this machine's memory, which is " + sizeText(room) +
                list + "; copies to fill and to compare them: " + sizeText(copies));
}
