//===- Tuner.h - One search for the fastest parameters ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_TUNER_H
#define TILE_LIB_TUNING_TUNER_H

#include "Rig.h"
#include "Search.h"
#include "Space.h"
#include "tile/Runtime/KernelImpl.h"
#include "tile/Tune.h"

#include <chrono>

namespace tile::tuning {

/// A point of the space with what was measured of it.
struct TuneCandidate {
  std::string name;
  std::string reason;
  std::vector<double> seconds;
  std::optional<double> error;
  Report report;
  bool isCompiled = false;
  /// By device.
  std::vector<std::optional<Prepared>> code;
  std::vector<unsigned> launches;
};

/// What a call of tile::tune does: Tune.cpp has what comes before and after measuring, TuneRounds.cpp the measuring.
class Tuner {
public:
  Tuner(const Kernel &kernel, const Device &device, const TuneOptions &options, std::span<const Argument> given)
      : owner(*kernel.get()), device(device), options(options), given(given),
        call(owner.kernel, given, runtime::Call::Unbound()) {
    question.kernel = owner.kernel;
    question.options = owner.options;
    question.arguments = call.arguments();
    question.target = runtime::targetOf(device, owner.options);
    question.ofGpu = device.context() != nullptr;
    question.count = device.threads();
  }

  TuneResult operator()();

private:
  using Choice = runtime::Choice;
  using Candidate = TuneCandidate;

  /// Throws for what can't be tuned.
  void check() const;
  /// Throws when the arguments are wrong whatever is chosen: when they don't suit any choice, or their memory isn't as it must be.
  void checkArguments() const;
  bool isOver() const { return whyOver() != nullptr; }
  const char *whyOver() const;
  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }
  void progress(const std::string &text);
  Search makeSearch() const;
  std::size_t find(llvm::StringRef name) const;
  /// Takes over what was measured of these very extents.
  void recall();
  /// The code of a choice for a device. Throws Error.
  Prepared compile(const Choice &choice, const Rig &rig);
  /// Notes that a candidate is of no use.
  void fail(std::size_t index, const std::exception &error);
  /// The same, where that may be a device's fault: one that is lost while it runs what others, or itself, have run.
  void fail(std::size_t index, std::size_t rig, const std::exception &error);
  /// Has the code that each device needs for its part.
  void compileParts(const std::vector<std::vector<std::size_t>> &parts);
  /// Devices with their arguments. Throws where the first has no room.
  void makeRigs();
  /// The results that all others are compared with: those of the anchor without pipelining.
  void findWanted();
  /// Another anchor, when there is no use in the present one: the fastest, or, before anything was measured, the first by the model. False
  /// when there is none.
  bool keepAnchor();
  void measure();
  std::size_t alive() const;
  /// Which device measures what. When there is little, all measure all of it.
  std::vector<std::vector<std::size_t>> share(llvm::ArrayRef<std::size_t> step) const;
  void say(unsigned round, std::size_t count);
  void measureRound(const std::vector<std::vector<std::size_t>> &parts, unsigned round);
  /// Whether a candidate's code for a device runs and computes what it should; finds out how many launches make a sample.
  bool checkCode(std::size_t index, std::size_t rig, const Prepared &code);
  /// A candidate's code for a device; nothing where there is none that is of use.
  std::optional<Prepared> codeOf(std::size_t index, std::size_t rig);
  /// One round on one device.
  void measurePart(std::size_t rig, llvm::ArrayRef<std::size_t> part, unsigned round);
  void store();
  TuneRow rowOf(std::size_t index, double clock) const;
  TuneResult finish();

  Kernel::Impl &owner;
  Device device;
  const TuneOptions &options;
  std::span<const Argument> given;
  runtime::Call call;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  Question question;
  Space space;
  std::string key;
  /// What is compiled here is of no use to anybody else.
  std::shared_ptr<runtime::Cache> cache = std::make_shared<runtime::Cache>();
  std::optional<Originals> originals;
  std::vector<std::unique_ptr<Rig>> rigs;
  std::optional<std::vector<std::string>> wanted;
  /// Parallel to the points of the space.
  std::vector<Candidate> candidates;
  std::vector<SearchPoint> points;
  std::size_t anchor = 0;
  /// Guards what several threads write.
  std::mutex mutex;
  TuneResult result;
};

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_TUNER_H
