//===- Space.cpp - What may be chosen for a kernel, and its price --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Space.h"
#include "Failures.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Runtime/Call.h"
#include "tile/Runtime/Compiler.h"

#include <llvm/Support/Threading.h>

#include <cmath>
#include <thread>

using namespace tile;
using namespace tile::tuning;

using runtime::Choice;

namespace {
/// Something that is open, and its values.
struct Dimension {
  /// The parameter; nothing for the stages of loops that no parameter says.
  std::optional<std::size_t> parameter;
  bool isStages = false;
  std::vector<lang::ParamValue> values;
};
} // namespace

runtime::KernelRef Question::with(const Choice &choice) const {
  runtime::KernelRef result = kernel;
  result.params = choice.params;
  result.loopStages = choice.loopStages;
  return result;
}

void tuning::parallel(std::size_t count, llvm::function_ref<void(std::size_t)> work, llvm::function_ref<bool()> stop) {
  std::atomic<std::size_t> next = 0;
  auto run = [&] {
    for (std::size_t index; !stop() && (index = next++) < count;)
      work(index);
  };
  std::size_t threads = std::min<std::size_t>(llvm::hardware_concurrency().compute_thread_count(), count);
  std::vector<std::thread> others;
  // Where the system gives no more threads, those there are do all of it.
  try {
    for (std::size_t i = 1; i < threads; ++i)
      others.emplace_back(run);
  } catch (const std::system_error &) {
  }
  run();
  for (std::thread &other : others)
    other.join();
}

static std::vector<Dimension> dimensionsOf(const Question &question) {
  constexpr std::int64_t kMostStages = 6;
  std::vector<Dimension> dimensions;
  std::vector<lang::ParamValue> counts;
  for (std::int64_t stages = 1; stages <= kMostStages; ++stages)
    counts.push_back(lang::ParamValue::integer(stages));
  for (std::size_t index : runtime::openParameters(question.kernel, question.options)) {
    const lang::ParamSignature &param = question.kernel.signature->params[index];
    dimensions.push_back({index, param.isStages, param.allowed.empty() ? counts : param.allowed});
  }
  if (runtime::leavesLoopStages(question.kernel, question.options))
    dimensions.push_back({std::nullopt, true, std::move(counts)});
  return dimensions;
}

/// What a launch chooses without tuning.
static Choice modelChoice(const Question &question) {
  const lang::KernelSignature &signature = *question.kernel.signature;
  Choice choice{question.kernel.params, 0};
  choice.params.resize(signature.params.size());
  if (question.ofGpu && runtime::leavesChoice(question.kernel)) {
    choice.params = runtime::chooseParameters(question.kernel, question.arguments, question.target);
  } else {
    for (std::size_t index : runtime::openParameters(question.kernel, question.options))
      if (!signature.params[index].isStages)
        choice.params[index] = signature.params[index].allowed.front();
  }
  // What stays open stays so whatever its default says.
  for (std::size_t index : runtime::openParameters(question.kernel, question.options))
    if (choice.params[index].kind == lang::ParamValue::Unset)
      choice.params[index] = lang::ParamValue::automatic();
  return choice;
}

/// Plans a choice. Whatever goes wrong is a reason against it.
static void ask(const Question &question, SpacePoint &point) {
  try {
    const lang::KernelSignature &signature = *question.kernel.signature;
    lang::Bound bound;
    if (std::optional<lang::BindError> wrong = lang::bind(signature, point.choice.params, question.arguments, bound)) {
      point.reason = wrong->message;
      return;
    }
    point.values = bound.params;
    lang::Specialization specialization =
        runtime::specializationOf(question.kernel, bound, question.arguments, question.target, question.options.checked,
                                  point.choice.loopStages ? point.choice.loopStages : question.options.stages);
    runtime::Compilation compilation(*question.kernel.file, specialization, question.target);
    if (!compilation.runTo(runtime::Stage::Planned))
      compilation.diagnostics().raise(runtime::sourcesOf(*question.kernel.file),
                                      "the compiler failed without saying why");
    runtime::setExtents(compilation.kernel(), question.arguments);
    point.cycles = runtime::gridCycles(compilation.kernel(), bound.grid, question.count, question.arguments);
    compilation.kernel().walk([&](ir::ForOp loop) {
      if (!loop.getPlan())
        return;
      point.stages = std::max<std::int64_t>(point.stages, loop.getPlan()->getStages());
      point.modelStages = std::max<std::int64_t>(point.modelStages, loop.getPlan()->getModelStages());
    });
  } catch (const std::exception &error) {
    point.reason = lineOf(error);
  }
}

namespace {
/// Goes through the combinations that differ from a first one in so many dimensions at most.
class Combinations {
public:
  Combinations(const std::vector<Dimension> &dimensions, llvm::ArrayRef<unsigned> first)
      : dimensions(dimensions), first(first), place(first) {}

  /// How many there are, up to `most` and one more.
  std::size_t count(std::size_t differences, std::size_t most) const {
    // By how many dimensions that were seen differ.
    std::vector<std::size_t> ways(differences + 1, 0);
    ways[0] = 1;
    for (const Dimension &dimension : dimensions)
      for (std::size_t i = differences; i > 0; --i)
        ways[i] = std::min(most + 1, ways[i] + ways[i - 1] * (dimension.values.size() - 1));
    std::size_t all = 0;
    for (std::size_t each : ways)
      all = std::min(most + 1, all + each);
    return all;
  }

  void visit(std::size_t differences, llvm::function_ref<void(llvm::ArrayRef<unsigned>)> what, std::size_t from = 0) {
    if (from == dimensions.size())
      return what(place);
    for (unsigned value = 0; value < dimensions[from].values.size(); ++value) {
      if (value != first[from] && !differences)
        continue;
      place[from] = value;
      visit(differences - (value != first[from]), what, from + 1);
    }
    place[from] = first[from];
  }

private:
  const std::vector<Dimension> &dimensions;
  llvm::ArrayRef<unsigned> first;
  llvm::SmallVector<unsigned, 8> place;
};
} // namespace

/// Where a choice stands, with so many stages where it leaves them open; `isThere` says whether the space has just that, else it is what
/// is nearest.
static llvm::SmallVector<unsigned, 8> placeOf(const Choice &choice, const std::vector<Dimension> &dimensions,
                                              std::int64_t stages, bool &isThere) {
  llvm::SmallVector<unsigned, 8> place;
  isThere = true;
  for (const Dimension &dimension : dimensions) {
    lang::ParamValue value = dimension.parameter ? choice.params[*dimension.parameter] : lang::ParamValue::automatic();
    if (value.kind == lang::ParamValue::Auto)
      value = lang::ParamValue::integer(stages);
    auto distance = [&](lang::ParamValue other) { return std::abs(other.value - value.value); };
    auto nearest =
        std::min_element(dimension.values.begin(), dimension.values.end(),
                         [&](lang::ParamValue one, lang::ParamValue other) { return distance(one) < distance(other); });
    isThere &= *nearest == value;
    place.push_back(static_cast<unsigned>(nearest - dimension.values.begin()));
  }
  return place;
}

Space tuning::listSpace(const Question &question, llvm::function_ref<bool()> stop) {
  constexpr std::size_t kMost = 1024;
  Space space;
  std::vector<Dimension> dimensions = dimensionsOf(question);
  for (const Dimension &dimension : dimensions)
    space.isStages.push_back(dimension.isStages);
  SpacePoint model;
  model.choice = modelChoice(question);
  ask(question, model);
  bool isThere;
  model.place = placeOf(model.choice, dimensions, model.stages, isThere);
  llvm::SmallVector<unsigned, 8> first = model.place;
  space.points.push_back(std::move(model));
  Combinations combinations(dimensions, first);
  std::size_t differences = dimensions.size();
  while (differences > 1 && combinations.count(differences, kMost) > kMost)
    --differences;
  combinations.visit(differences, [&](llvm::ArrayRef<unsigned> place) {
    // That one is there already, and is the same code.
    if (isThere && place == llvm::ArrayRef(first))
      return;
    SpacePoint point;
    point.place.assign(place.begin(), place.end());
    point.choice = space.points.front().choice;
    for (auto [dimension, value] : llvm::zip(dimensions, place)) {
      if (dimension.parameter)
        point.choice.params[*dimension.parameter] = dimension.values[value];
      else
        point.choice.loopStages = dimension.values[value].value;
    }
    space.points.push_back(std::move(point));
  });
  std::atomic<std::size_t> asked = 1;
  parallel(
      space.points.size() - 1,
      [&](std::size_t index) {
        ask(question, space.points[index + 1]);
        ++asked;
      },
      stop);
  space.isComplete = asked == space.points.size() && !stop();
  std::vector<std::size_t> order(space.points.size());
  for (auto [index, each] : llvm::enumerate(order))
    each = index;
  auto rank = [&](std::size_t index) {
    const SpacePoint &point = space.points[index];
    return std::tuple(!point.reason.empty(), point.cycles, std::abs(point.stages - point.modelStages), index);
  };
  llvm::sort(order, [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  std::vector<SpacePoint> sorted;
  for (std::size_t index : order) {
    if (index == 0)
      space.model = sorted.size();
    sorted.push_back(std::move(space.points[index]));
  }
  space.points = std::move(sorted);
  return space;
}
