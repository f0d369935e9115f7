//===- TuneRounds.cpp - Compiling and measuring what is searched ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Failures.h"
#include "Tuner.h"
#include "tile/Error.h"
#include "tile/Runtime/DeviceImpl.h"

#include <llvm/Support/FormatVariadic.h>

#include <random>
#include <thread>

using namespace tile;
using namespace tile::tuning;

Prepared Tuner::compile(const Choice &choice, const Rig &rig) {
  Kernel::Impl own;
  own.kernel = question.with(choice);
  own.options = owner.options;
  own.cache = cache;
  runtime::Call its(own.kernel, rig.arguments());
  return Prepared(own.find(rig.device(), its, rig.arguments()));
}

void Tuner::fail(std::size_t index, const std::exception &error) {
  std::lock_guard guard(mutex);
  Candidate &candidate = candidates[index];
  candidate.reason = lineOf(error);
  points[index].state = isAboutRoom(candidate.reason) ? SearchPoint::State::Unfit : SearchPoint::State::Failed;
  points[index].ratios.clear();
  candidate.seconds.clear();
}

void Tuner::fail(std::size_t index, std::size_t rig, const std::exception &error) {
  bool isLost = !rigs[rig]->broken().empty() && alive() > 0;
  if (std::lock_guard guard(mutex); isLost && points[index].isMeasured())
    return;
  fail(index, error);
}

void Tuner::compileParts(const std::vector<std::vector<std::size_t>> &parts) {
  std::vector<std::pair<std::size_t, std::size_t>> tasks;
  for (auto [rig, part] : llvm::enumerate(parts))
    for (std::size_t index : part)
      if (!candidates[index].code[rig] && points[index].state == SearchPoint::State::Open)
        tasks.emplace_back(index, rig);
  if (tasks.empty())
    return;
  progress(llvm::formatv("compiling {0} choices", tasks.size()).str());
  parallel(
      tasks.size(),
      [&](std::size_t number) {
        auto [index, rig] = tasks[number];
        try {
          Prepared code = compile(space.points[index].choice, *rigs[rig]);
          std::lock_guard guard(mutex);
          candidates[index].report = code.report();
          candidates[index].isCompiled = true;
          candidates[index].code[rig] = std::move(code);
        } catch (const std::exception &error) {
          fail(index, rig, error);
        }
      },
      [&] { return isOver(); });
}

void Tuner::makeRigs() {
  std::vector<Device> devices = {device};
  if (!options.devices.empty())
    devices = options.devices;
  else if (question.ofGpu && device == Device::byName(device.name()))
    for (int ordinal = 0, count = Device::cudaCount(); ordinal < count; ++ordinal)
      try {
        Device other = Device::cuda(ordinal);
        if (!(other == device) && other.description() == device.description())
          devices.push_back(std::move(other));
      } catch (const Error &) {
        // One that can't be used is none.
      }
  bool isShared = llvm::any_of(devices, [&](const Device &each) { return !(each == device); });
  originals.emplace(device, *owner.kernel.signature, given, isShared);
  for (const Device &each : devices)
    try {
      rigs.push_back(std::make_unique<Rig>(each, *originals));
    } catch (const std::exception &) {
      if (devices.size() == 1)
        throw;
    }
  if (rigs.empty())
    throw Error("no device has room for what kernel '" + owner.kernel.signature->name + "' writes");
  for (Candidate &candidate : candidates) {
    candidate.code.resize(rigs.size());
    candidate.launches.resize(rigs.size());
  }
}

void Tuner::findWanted() {
  Choice plain = space.points[anchor].choice;
  bool any = false;
  for (std::size_t index : runtime::openParameters(owner.kernel, owner.options))
    if (const lang::ParamSignature &param = owner.kernel.signature->params[index]; param.isStages) {
      any |= !lang::checkParam(param, lang::ParamValue::integer(1));
      plain.params[index] = lang::ParamValue::integer(1);
    }
  if (runtime::leavesLoopStages(owner.kernel, owner.options)) {
    plain.loopStages = 1;
    any = true;
  }
  std::vector<Choice> choices = {space.points[anchor].choice};
  if (any)
    choices.insert(choices.begin(), std::move(plain));
  for (const Choice &choice : choices)
    try {
      wanted = rigs.front()->run(compile(choice, *rigs.front()));
      return;
    } catch (const std::exception &) {
      // The next will do, or there is nothing to compare with.
    }
}

bool Tuner::keepAnchor() {
  while (points[anchor].state != SearchPoint::State::Open) {
    std::optional<std::size_t> next = makeSearch().best(points, anchor);
    if (next) {
      // Times over the old one's become times over the new one's.
      double unit = points[*next].score();
      for (SearchPoint &point : points)
        for (double &ratio : point.ratios)
          ratio /= unit;
    } else {
      auto open = llvm::find_if(points, [](const SearchPoint &p) { return p.state == SearchPoint::State::Open; });
      if (open == points.end())
        return false;
      next = static_cast<std::size_t>(open - points.begin());
    }
    anchor = *next;
    compileParts(std::vector<std::vector<std::size_t>>(rigs.size(), {anchor}));
  }
  return true;
}

void Tuner::measure() {
  makeRigs();
  compileParts(std::vector<std::vector<std::size_t>>(rigs.size(), {anchor}));
  if (!keepAnchor() || isOver())
    return;
  findWanted();
  Search search = makeSearch();
  for (unsigned round = 0; !isOver(); ++round) {
    if (alive() == 0 || !keepAnchor())
      break;
    std::vector<std::size_t> step = search.next(points);
    if (step.empty())
      break;
    std::vector<std::vector<std::size_t>> parts = share(step);
    compileParts(parts);
    if (isOver())
      break;
    say(round, step.size());
    std::size_t before = result.measurements;
    auto states = llvm::count_if(points, [](const SearchPoint &p) { return p.state == SearchPoint::State::Open; });
    measureRound(parts, round);
    store();
    // A round that tells nothing would be followed by the same.
    if (result.measurements == before &&
        states == llvm::count_if(points, [](const SearchPoint &p) { return p.state == SearchPoint::State::Open; }))
      break;
  }
}

std::size_t Tuner::alive() const {
  return static_cast<std::size_t>(llvm::count_if(rigs, [](const auto &rig) { return rig->broken().empty(); }));
}

std::vector<std::vector<std::size_t>> Tuner::share(llvm::ArrayRef<std::size_t> step) const {
  std::vector<std::vector<std::size_t>> parts(rigs.size());
  std::vector<std::size_t> usable;
  for (auto [index, rig] : llvm::enumerate(rigs))
    if (rig->broken().empty())
      usable.push_back(index);
  bool isLittle = step.size() < 2 * usable.size();
  for (auto [number, rig] : llvm::enumerate(usable)) {
    parts[rig].push_back(anchor);
    for (auto [place, index] : llvm::enumerate(step))
      if (index != anchor && (isLittle || place % usable.size() == number))
        parts[rig].push_back(index);
  }
  return parts;
}

void Tuner::say(unsigned round, std::size_t count) {
  std::string text = llvm::formatv("round {0}, {1} of {2} choices", round + 1, count, points.size());
  if (std::optional<std::size_t> best = makeSearch().best(points, anchor))
    text += llvm::formatv("; {0:F3} times as fast as the model's so far", 1 / points[*best].score()).str();
  progress(text);
}

void Tuner::measureRound(const std::vector<std::vector<std::size_t>> &parts, unsigned round) {
  std::exception_ptr failure;
  auto work = [&](std::size_t rig) {
    try {
      measurePart(rig, parts[rig], round);
    } catch (...) {
      std::lock_guard guard(mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (std::size_t rig = 1; rig < rigs.size(); ++rig)
    others.emplace_back(work, rig);
  work(0);
  for (std::thread &other : others)
    other.join();
  if (failure)
    std::rethrow_exception(failure);
}

bool Tuner::checkCode(std::size_t index, std::size_t rig, const Prepared &code) {
  Candidate &candidate = candidates[index];
  if (candidate.launches[rig])
    return true;
  try {
    std::vector<std::string> got = rigs[rig]->run(code);
    if (wanted) {
      double error = checkError(rigs[rig]->errorOf(got, *wanted));
      std::lock_guard guard(mutex);
      candidate.error = error;
    }
    candidate.launches[rig] = launchesFor(kSampleSeconds, rigs[rig]->time(code, 1));
    return true;
  } catch (const std::exception &error) {
    fail(index, rig, error);
    return false;
  }
}

std::optional<Prepared> Tuner::codeOf(std::size_t index, std::size_t rig) {
  std::lock_guard guard(mutex);
  return points[index].state == SearchPoint::State::Open ? candidates[index].code[rig] : std::nullopt;
}

void Tuner::measurePart(std::size_t rig, llvm::ArrayRef<std::size_t> part, unsigned round) {
  std::lock_guard alone(rigs[rig]->mutex());
  std::vector<std::pair<std::size_t, double>> times;
  std::optional<double> unit;
  // One leaves a chip warm or cool, and caches full, for the next: each round has another order.
  std::vector<std::size_t> order(part.begin(), part.end());
  std::shuffle(order.begin(), order.end(), std::mt19937(round));
  for (std::size_t index : order) {
    Candidate &candidate = candidates[index];
    if (isOver() || !rigs[rig]->broken().empty())
      break;
    std::optional<Prepared> code = codeOf(index, rig);
    if (!code || !checkCode(index, rig, *code))
      continue;
    try {
      double seconds = rigs[rig]->time(*code, candidate.launches[rig]);
      times.emplace_back(index, seconds);
      if (index == anchor)
        unit = seconds;
    } catch (const std::exception &error) {
      fail(index, rig, error);
    }
  }
  if (!unit || *unit <= 0)
    return;
  std::lock_guard guard(mutex);
  for (auto [index, seconds] : times)
    if (points[index].state == SearchPoint::State::Open && seconds > 0) {
      points[index].ratios.push_back(seconds / *unit);
      candidates[index].seconds.push_back(seconds);
      ++result.measurements;
    }
}
