//===- TensorMap.cpp - The tensor maps that a kernel takes ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Target/NVPTX/TensorMap.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

// What the hardware takes.
static constexpr int64_t kMostAxes = 5, kMostBox = 256, kPieceBytes = 16;

ArrayAttr nvptx::toAttribute(MLIRContext *context, ArrayRef<TensorMap> maps) {
  Builder builder(context);
  SmallVector<Attribute> list;
  for (const TensorMap &map : maps)
    list.push_back(builder.getDictionaryAttr({
        builder.getNamedAttr("view", builder.getI64IntegerAttr(map.view)),
        builder.getNamedAttr("element", TypeAttr::get(map.element)),
        builder.getNamedAttr("axes", builder.getDenseI64ArrayAttr(map.axes)),
        builder.getNamedAttr("box", builder.getDenseI64ArrayAttr(map.box)),
        builder.getNamedAttr("swizzle", builder.getI64IntegerAttr(map.swizzle)),
    }));
  return builder.getArrayAttr(list);
}

/// What is wrong with a map of a view of some rank, or nothing.
static std::string check(const TensorMap &map, int64_t rank) {
  if (rank < 1 || rank > kMostAxes)
    return rank < 0 ? "is of an argument that is no view" : "is of a view without axes, or with more than five";
  if (!map.element.isIntOrIndexOrFloat() || !llvm::is_contained({1, 2, 4, 8}, ir::elementBytes(map.element)))
    return "has elements of other than 1, 2, 4 or 8 bytes";
  SmallVector<int64_t, 5> sorted = map.axes;
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(rank)))
    return "does not name each axis of its view once";
  if (static_cast<int64_t>(map.box.size()) != rank ||
      llvm::any_of(map.box, [](int64_t extent) { return extent < 1 || extent > kMostBox; }))
    return "has a box whose extents are not each from 1 to 256";
  int64_t bytes = map.box.front() * ir::elementBytes(map.element);
  if (bytes % kPieceBytes != 0)
    return "has a box whose rows are no multiple of 16 bytes";
  if (!llvm::is_contained({0, 32, 64, 128}, map.swizzle))
    return "has a swizzle of other than 0, 32, 64 or 128 bytes";
  if (map.swizzle != 0 && bytes > map.swizzle)
    return "has a box whose rows are longer than the span of its swizzle";
  return "";
}

FailureOr<std::vector<TensorMap>> nvptx::readTensorMaps(Operation *function, ArrayRef<int64_t> ranks) {
  std::vector<TensorMap> maps;
  Attribute attribute = function->getDiscardableAttr(ir::kTensorMapsAttrName);
  if (!attribute)
    return maps;
  auto list = dyn_cast<ArrayAttr>(attribute);
  if (!list)
    return function->emitOpError("'") << ir::kTensorMapsAttrName << "' must be a list";
  for (auto [number, each] : llvm::enumerate(list)) {
    auto entry = dyn_cast<DictionaryAttr>(each);
    auto view = entry ? entry.getAs<IntegerAttr>("view") : IntegerAttr();
    auto element = entry ? entry.getAs<TypeAttr>("element") : TypeAttr();
    auto axes = entry ? entry.getAs<DenseI64ArrayAttr>("axes") : DenseI64ArrayAttr();
    auto box = entry ? entry.getAs<DenseI64ArrayAttr>("box") : DenseI64ArrayAttr();
    auto swizzle = entry ? entry.getAs<IntegerAttr>("swizzle") : IntegerAttr();
    if (!view || !element || !axes || !box || !swizzle)
      return function->emitOpError("tensor map ")
             << number << " must have 'view', 'element', 'axes', 'box' and 'swizzle'";
    if (view.getInt() < 0 || view.getInt() >= static_cast<int64_t>(ranks.size()))
      return function->emitOpError("tensor map ")
             << number << " is of argument " << view.getInt() << " of " << ranks.size();
    TensorMap map{static_cast<unsigned>(view.getInt()), element.getValue(), {}, {}, swizzle.getInt()};
    map.axes.assign(axes.asArrayRef().begin(), axes.asArrayRef().end());
    map.box.assign(box.asArrayRef().begin(), box.asArrayRef().end());
    if (std::string wrong = check(map, ranks[map.view]); !wrong.empty())
      return function->emitOpError("tensor map ") << number << " " << wrong;
    maps.push_back(std::move(map));
  }
  return maps;
}
