//===- common.h - What the examples share ------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Random inputs, comparison with a reference, and a main function that reports errors.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_EXAMPLES_COMMON_H
#define TILE_EXAMPLES_COMMON_H

#include <tile/tile.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace example {

/// `count` normally distributed numbers; the same seed gives the same numbers.
inline std::vector<float> normal(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> values(count);
  for (float &value : values)
    value = distribution(generator);
  return values;
}

/// Compares a result with its reference: |got - want| <= tolerance * (1 + |want|) for every element. Prints one line.
inline bool agree(const std::string &what, const std::vector<float> &got, const std::vector<double> &want,
                  double tolerance) {
  double worst = got.size() == want.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < got.size() && i < want.size(); ++i) {
    double error = std::abs(got[i] - want[i]) / (1 + std::abs(want[i]));
    // Written so that a NaN counts as the worst error there is.
    if (!(error <= worst))
      worst = std::isnan(error) ? INFINITY : error;
  }
  bool fine = worst <= tolerance;
  std::printf("%s: %s (largest error %.2g, allowed %.2g)\n", what.c_str(), fine ? "correct" : "WRONG", worst,
              tolerance);
  return fine;
}

/// A buffer's contents as floats.
inline std::vector<float> download(const tile::Buffer &buffer) {
  std::vector<float> values(buffer.size() / sizeof(float));
  buffer.download(values.data(), buffer.size());
  return values;
}

/// The file of that name beside the program.
inline std::filesystem::path file(const char *name) {
  return std::filesystem::proximate(std::filesystem::canonical("/proc/self/exe").parent_path() / name);
}

/// Runs an example: 0 when it returns true, 1 when it returns false or throws.
template <typename Body>
int run(Body body) {
  try {
    return body() ? 0 : 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

} // namespace example

#endif // TILE_EXAMPLES_COMMON_H
