//===- tile.h - The public API -----------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Everything that a program needs to compile `.tile` kernels and run them:
///
/// ```cpp
/// auto device = tile::Device::best();
/// auto matmul = tile::Program::fromFile("matmul.tile").kernel("matmul", {{"BM", 128}, {"STAGES", 3}});
/// auto ready = matmul.prepare(device, a, b, c);
/// tile::Stream stream(device);
/// ready.launch(stream, a, b, c);
/// stream.synchronize();
/// std::cout << ready.report();
/// ```
///
/// - **Units.** Shapes and strides count elements, sizes and offsets bytes, times seconds.
/// - **Ownership.** Device, Program, Kernel, Prepared and Stream are handles; what they mean lives as long as one of them needs it.
/// Buffer owns its
///   memory. Tensor owns nothing: who passes one to a launch keeps its memory alive until the stream is synchronised.
/// - **Threads.** Every const member function may be called from several threads at once, and those of Stream. Buffers and tensors
/// are values: one
///   thread at a time, or all of them reading.
/// - **Errors** are exceptions of type Error, with all that was found and its place in the source.
///
/// No header of LLVM, MLIR or a GPU's driver stands behind this one.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TILE_H
#define TILE_TILE_H

#include "tile/Cache.h"
#include "tile/DType.h"
#include "tile/Device.h"
#include "tile/Error.h"
#include "tile/Kernel.h"
#include "tile/Program.h"
#include "tile/Report.h"
#include "tile/Tensor.h"
#include "tile/Tune.h"
#include "tile/Version.h"

#endif // TILE_TILE_H
