//===- Ranges.cpp - Lists of values on a command line --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Ranges.h"
#include "tile/Dialect/Stages.h"
#include "tile/Error.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>

using namespace tile;
using namespace tile::tuning;

/// The parts between commas, without the blanks around them. Throws for an empty one.
static llvm::SmallVector<llvm::StringRef> parts(llvm::StringRef text, const std::string &what) {
  llvm::SmallVector<llvm::StringRef> list;
  text.split(list, ',');
  for (llvm::StringRef &part : list) {
    part = part.trim();
    if (part.empty())
      throw Error(what + " has an empty value in '" + text.str() + "'");
  }
  return list;
}

static std::int64_t parseCount(llvm::StringRef text, llvm::StringRef whole) {
  std::int64_t count;
  if (text.getAsInteger(10, count))
    throw Error("--stages takes counts, 'auto' and ranges such as 1..7, not '" + whole.str() + "'");
  if (count < 1 || count > ir::kMostStages)
    throw Error("a loop has from 1 to " + std::to_string(ir::kMostStages) + " stages, not " + std::to_string(count));
  return count;
}

std::vector<std::int64_t> tuning::parseStages(llvm::StringRef text) {
  std::vector<std::int64_t> stages;
  auto add = [&](std::int64_t count) {
    if (!llvm::is_contained(stages, count))
      stages.push_back(count);
  };
  for (llvm::StringRef part : parts(text, "--stages")) {
    if (part == "auto") {
      add(kAutoStages);
      continue;
    }
    auto [low, high] = part.split("..");
    if (!part.contains("..")) {
      add(parseCount(part, part));
      continue;
    }
    high.consume_front("=");
    std::int64_t first = parseCount(low, part), last = parseCount(high, part);
    if (first > last)
      throw Error("the range '" + part.str() + "' is empty: " + std::to_string(first) + " is more than " +
                  std::to_string(last));
    for (std::int64_t count = first; count <= last; ++count)
      add(count);
  }
  return stages;
}

NamedValues tuning::parseNamedValues(llvm::StringRef text, llvm::StringRef option) {
  auto [name, list] = text.split('=');
  if (name.trim().empty() || list.trim().empty())
    throw Error(option.str() + " takes NAME=VALUE, or several values with commas between them, not '" + text.str() +
                "'");
  NamedValues result{name.trim().str(), {}};
  for (llvm::StringRef part : parts(list, option.str()))
    if (!llvm::is_contained(result.values, part))
      result.values.push_back(part.str());
  return result;
}

std::vector<NamedExtent> tuning::parseShape(llvm::StringRef text) {
  std::vector<NamedExtent> shape;
  for (llvm::StringRef part : parts(text, "--shape")) {
    auto [name, number] = part.split('=');
    NamedExtent extent{name.trim().str(), 0};
    if (extent.name.empty() || number.trim().getAsInteger(10, extent.extent))
      throw Error("--shape takes NAME=EXTENT, or several with commas between them, not '" + part.str() + "'");
    if (extent.extent < 1)
      throw Error("--shape " + part.str() + ": an extent is 1 or more, else there is nothing to measure");
    if (llvm::is_contained(llvm::map_range(shape, [](const NamedExtent &each) { return each.name; }), extent.name))
      throw Error("--shape says '" + extent.name + "' twice");
    shape.push_back(std::move(extent));
  }
  return shape;
}
