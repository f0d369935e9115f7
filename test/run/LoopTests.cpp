//===- LoopTests.cpp - Pipelined loops compute what is written ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each test takes one generated kernel, compiles it without pipelining and at several numbers of stages, for every device, and
/// launches all of them with the same arguments. The results at one stage must be those of the reference; all others of the device
/// must be equal to them bit for bit.
///
//===----------------------------------------------------------------------===//

#include "Generator.h"
#include "Launch.h"

#include <cmath>

using namespace numeric;

namespace {

/// One way to compile a kernel. 0 stages leave the choice to the compiler.
struct Config {
  std::string device;
  std::int64_t stages = 1, innerStages = 1;
  std::string planFor;

  std::string describe() const {
    auto number = [](std::int64_t n) { return n ? std::to_string(n) : std::string("auto"); };
    return device + ", S = " + number(stages) + ", R = " + number(innerStages) +
           (planFor.empty() ? "" : ", planned for " + planFor);
  }
};

tile::Kernel kernelOf(const tile::Program &program, const Config &config) {
  auto parameter = [](std::int64_t n) { return n ? tile::Parameter(n) : tile::Parameter("auto"); };
  tile::KernelOptions options;
  options.planFor = config.planFor.empty() ? optionsOn(config.device).planFor : config.planFor;
  return program.kernel("generated", {{"S", parameter(config.stages)}, {"R", parameter(config.innerStages)}}, options);
}

/// Launches a kernel on arrays of the case, which it changes.
void launch(const tile::Kernel &kernel, const Config &config, const Generated &generated, Case &arguments) {
  std::vector<Operand> operands;
  for (std::size_t i = 0; i < generated.views.size(); ++i)
    if (generated.views[i].used)
      operands.push_back(generated.views[i].access == "in" ? Operand(arguments.arrays[i])
                                                           : Operand(&arguments.arrays[i]));
  operands.emplace_back(arguments.lo);
  operands.emplace_back(static_cast<std::int32_t>(arguments.hi));
  operands.emplace_back(arguments.st);
  numeric::launch(kernel, config.device, operands);
}

/// The ways to compile program number `number`; the first of each device is what its others are compared with.
std::vector<Config> configsOf(int number, Random &random) {
  // Counts come in turn, so that neighbours have all of 2 to 6.
  auto count = [&] { return random.range(2, 6); };
  std::int64_t turn = 2 + number % 5;
  std::vector<Config> configs;
  for (const std::string &device : deviceNames()) {
    if (device == "cpu-late") {
      configs.insert(configs.end(), {{device, turn, count(), ""},
                                     {device, count(), 1, ""},
                                     {device, 1, count(), ""},
                                     {device, count(), turn, "sm_80"}});
      continue;
    }
    configs.insert(configs.end(), {{device, 1, 1, ""}, {device, turn, count(), ""}, {device, 0, 0, ""}});
    if (isGpu(device))
      configs.insert(configs.end(), {{device, 2 + (number + 2) % 5, 1, ""}, {device, 1, count(), ""}});
  }
  return configs;
}

std::uint64_t seedOf(int program) { return (std::uint64_t(options.seed) << 32) + program; }

/// The layouts of a kernel's views: mostly those of everyday life.
std::vector<Layout> layoutsOf(const Generated &kernel, Random &random) {
  std::vector<Layout> chosen;
  for (std::size_t i = 0; i < kernel.views.size(); ++i)
    chosen.push_back(random.chance(0.3)                                     ? Layout::Dense
                     : random.chance(0.6)                                   ? Layout::Padded
                     : kernel.views[i].access == "in" && random.chance(0.1) ? Layout::Repeated
                                                                            : random.pick(layouts()));
  return chosen;
}

class LoopTest : public testing::TestWithParam<int> {};

} // namespace

TEST_P(LoopTest, Agrees) {
  std::uint64_t seed = seedOf(GetParam());
  Generated generated = generate(seed);
  Random random(seed ^ 0x5eed);
  std::vector<Layout> layouts = layoutsOf(generated, random);

  std::vector<Config> configs = configsOf(GetParam(), random);
  std::string about =
      "program " + std::to_string(GetParam()) + " of --seed=" + std::to_string(options.seed) + "\n" + generated.source;
  try {
    tile::Program program = tile::Program::fromString(generated.source, "generated.tile");
    std::vector<tile::Kernel> kernels;
    for (const Config &config : configs)
      kernels.push_back(kernelOf(program, config));
    for (int number = 0; number < 9; ++number) {
      std::uint64_t caseSeed = random.bits();
      std::vector<Agreement> agreements(generated.views.size());
      std::vector<std::vector<Expected>> want;
      for (std::size_t c = 0; c < configs.size(); ++c) {
        Random again(caseSeed);
        Case arguments = makeCase(generated, layouts, again, number);
        if (c == 0)
          want = reference(generated, arguments);
        std::string where = configs[c].describe() + "; " + arguments.describe(generated);
        try {
          launch(kernels[c], configs[c], generated, arguments);
        } catch (const tile::Error &error) {
          FAIL() << where << "\n" << error.what() << "\n" << about;
        }
        for (std::size_t i = 0; i < generated.views.size(); ++i) {
          if (!generated.views[i].used)
            continue;
          const Array &array = arguments.arrays[i];
          if (agreements[i].isFirst(configs[c].device) || isGpu(configs[c].device))
            ASSERT_EQ(difference(array, want[i]), "")
                << "view " << generated.views[i].name << " is wrong: " << where << "\n"
                << about;
          ASSERT_EQ(agreements[i].difference(configs[c].device, array), "")
              << "view " << generated.views[i].name << " differs from one stage: " << where << "\n"
              << about;
          ASSERT_TRUE(array.intact()) << "memory beside view " << generated.views[i].name << " was written: " << where
                                      << "\n"
                                      << about;
        }
      }
    }
  } catch (const tile::Error &error) {
    FAIL() << error.what() << "\n" << about;
  }
}

INSTANTIATE_TEST_SUITE_P(Generated, LoopTest, testing::Range(0, static_cast<int>(options.programs)));

//===----------------------------------------------------------------------===//
// The tests themselves
//===----------------------------------------------------------------------===//

/// Whether a mistake of the reference shows in one of the first cases of a kernel.
static bool notices(std::uint64_t seed, Mistake mistake) {
  Generated generated = generate(seed);
  std::vector<Layout> dense(generated.views.size(), Layout::Dense);
  Random random(seed);
  for (int number = 0; number < 6; ++number) {
    Case arguments = makeCase(generated, dense, random, number);
    std::vector<std::vector<Expected>> right = reference(generated, arguments);
    std::vector<std::vector<Expected>> wrong = reference(generated, arguments, mistake);
    for (std::size_t i = 0; i < right.size(); ++i) {
      // As if the device had computed the wrong values.
      Array &array = arguments.arrays[i];
      for (std::size_t k = 0; k < right[i].size(); ++k)
        array.set(static_cast<std::int64_t>(k), wrong[i][k].value);
      if (generated.views[i].used && !difference(array, right[i]).empty())
        return true;
    }
  }
  return false;
}

/// A mistake must show in most kernels, or the tests show little.
static void expectNoticed(Mistake mistake, double share) {
  int noticed = 0;
  const int programs = 50;
  for (int program = 0; program < programs; ++program)
    noticed += notices(seedOf(program), mistake);
  EXPECT_GE(noticed, share * programs);
}

TEST(LoopReference, NoticesEarlyLoads) { expectNoticed(Mistake::EarlyLoad, 0.9); }
TEST(LoopReference, NoticesLostIterations) { expectNoticed(Mistake::LostIteration, 0.9); }
TEST(LoopReference, NoticesLostPadding) { expectNoticed(Mistake::ZeroPadding, 0.6); }
TEST(LoopReference, NoticesStuckVariables) { expectNoticed(Mistake::StuckVariable, 0.6); }

/// The reference's errors are small beside its values, and mostly 0: it is no reference if everything is within them. Now and then a kernel
/// writes what it reads in the next iteration, a little larger each time: rounding grows with it, and with some seeds it shows in a few
/// hundred elements of a million.
TEST(LoopReference, IsSharp) {
  std::int64_t exact = 0, sharp = 0, all = 0;
  for (int program = 0; program < 50; ++program) {
    Generated generated = generate(seedOf(program));
    std::vector<Layout> dense(generated.views.size(), Layout::Dense);
    Random random(seedOf(program));
    for (int number = 0; number < 6; ++number) {
      Case arguments = makeCase(generated, dense, random, number);
      for (const std::vector<Expected> &view : reference(generated, arguments))
        for (const Expected &element : view) {
          ++all;
          exact += element.error == 0;
          sharp += element.error <= 1e-3 * (1 + std::abs(element.value));
        }
    }
  }
  EXPECT_GT(exact, all / 2);
  EXPECT_GE(sharp, all - all / 1000);
}
