//===- EmulatorTest.h - Small kernels in PTX ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATORTEST_H
#define TILE_TEST_EMULATORTEST_H

#include "Emulator.h"
#include "Ptx.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

/// A kernel of two pointers, `%in` and `%out`, whose threads have the addresses of their own 16 bytes in them in `%mine` and `%result`,
/// and their number in `%tid32`.
inline std::string kernelOf(const std::string &body) {
  return R"(
.version 7.4
.target sm_80
.address_size 64
.extern .shared .align 1024 .b8 dynamic[];
.visible .entry kernel(.param .u64 .ptr .global .align 16 kernel_param_0, .param .u64 kernel_param_1)
{
  .reg .pred %p<9>;
  .reg .b16 %h<9>;
  .reg .b32 %r<40>, %tid32;
  .reg .b64 %d<9>, %in, %out, %mine, %result;
  ld.param.u64 %in, [kernel_param_0];
  ld.param.u64 %out, [kernel_param_1];
  mov.u32 %tid32, %tid.x;
  mad.wide.u32 %mine, %tid32, 16, %in;
  mad.wide.u32 %result, %tid32, 16, %out;
)" + body +
         "\n  ret;\n}\n";
}

/// Runs a kernel's body over memory.
class EmulatorTest : public testing::Test {
protected:
  using Failure = tile::emulator::Failure;

  Failure run(const std::string &body, unsigned threads = 32, unsigned shared = 0, unsigned blocks = 1) {
    out = {};
    return runText(kernelOf(body), threads, shared, blocks);
  }

  Failure runText(const std::string &ptx, unsigned threads = 32, unsigned shared = 0, unsigned blocks = 1) {
    tile::emulator::Program program(ptx);
    tile::emulator::LaunchShape shape;
    shape.block[0] = threads;
    shape.grid[0] = blocks;
    shape.dynamicShared = shared;
    std::uint64_t words[] = {reinterpret_cast<std::uint64_t>(in.data()), reinterpret_cast<std::uint64_t>(out.data())};
    std::vector<std::uint8_t> parameters(sizeof(words));
    std::memcpy(parameters.data(), words, sizeof(words));
    statistics = {};
    return program.run("kernel", shape, parameters, {{{words[0], in.size()}, {words[1], out.size()}}, {}}, 1,
                       &statistics);
  }

  template <typename T>
  T result(unsigned thread) const {
    T value;
    std::memcpy(&value, out.data() + 16 * thread, sizeof(T));
    return value;
  }
  template <typename T>
  void give(unsigned thread, std::initializer_list<T> values) {
    std::memcpy(in.data() + 16 * thread, values.begin(), values.size() * sizeof(T));
  }

  /// Aligned as what the driver gives.
  struct alignas(256) Memory : std::array<std::uint8_t, 4096> {};
  /// What lies between is nobody's.
  Memory in = {}, between[2], out = {};
  tile::emulator::Statistics statistics;
};

#endif // TILE_TEST_EMULATORTEST_H
