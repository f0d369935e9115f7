//===- Verdict.cpp - What the numbers of a benchmark mean ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Verdict.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/FormatVariadic.h>

using namespace tile;
using namespace tile::tuning;

/// What is this near to the best is as good.
static constexpr double kNear = 1.03;
/// A machine that is kept less busy than this is kept busy by nothing.
static constexpr double kBusy = 0.4;

/// The fastest row that was measured, or nothing.
static const Row *findBest(const Experiment &experiment) {
  const Row *best = nullptr;
  for (const Row &row : experiment.rows)
    if (row.isMeasured() && (!best || row.median() < best->median()))
      best = &row;
  return best;
}

/// Whether two rows differ in nothing but stages.
static bool differInStagesOnly(const Experiment &experiment, const Row &a, const Row &b) {
  if (a.parameters.size() != b.parameters.size())
    return false;
  return llvm::all_of(llvm::zip(a.parameters, b.parameters), [&](const auto &pair) {
    auto &[x, y] = pair;
    return x == y || llvm::is_contained(experiment.stageParameters, x.first);
  });
}

/// The row of the least stage count that is as good as the best one.
static const Row *findKnee(const Experiment &experiment, const Row &best) {
  const Row *knee = &best;
  for (const Row &row : experiment.rows)
    if (row.isMeasured() && row.stages < knee->stages && row.median() <= best.median() * kNear &&
        differInStagesOnly(experiment, row, best))
      knee = &row;
  return knee;
}

static std::string percent(double share) { return llvm::formatv("{0:F0} %", share * 100).str(); }

/// Whether memory or arithmetic bounds the kernel, by its work and by what was measured.
static void judgeBound(const Experiment &experiment, const Row &best, Judgement &result) {
  const Work &work = experiment.work;
  std::optional<double> intensity = work.intensity(), balance = work.balance();
  if (!work.flops) {
    result.how = "the trip count of a loop isn't known before it runs, so operations aren't counted";
    return;
  }
  if (!intensity || !balance) {
    result.how = "the machine's peaks aren't known";
    return;
  }
  double compute = *work.computeSeconds / best.median(), memory = *work.memorySeconds / best.median();
  result.bound = *intensity < *balance ? "memory" : "compute";
  result.how = llvm::formatv("{0:F2} operations a byte, where the machine's balance is {1:F2}; measured, the best row "
                             "reaches {2} of the peak of arithmetic and {3} of the peak of memory",
                             *intensity, *balance, percent(compute), percent(memory))
                   .str();
  if (experiment.machine.copyBytes > 0 && experiment.machine.copyBytes != experiment.machine.memoryBytes)
    result.how += llvm::formatv(" ({0} of what a copy reaches)",
                                percent(work.bytes / best.median() / experiment.machine.copyBytes))
                      .str();
  if (memory > 1)
    result.how += "; that is more than memory gives, so that caches serve what was fetched or written before";
  if (std::max(compute, memory) < kBusy)
    result.how += "; it is near neither, so that latency, the cost of a launch or too few programs decide";
  if (const LoopReport *loop = best.mainLoop(); loop && !loop->bound.empty())
    result.how += "; the model has an iteration wait for " + loop->bound;
}

static std::string plural(std::int64_t count, llvm::StringRef what) {
  return std::to_string(count) + " " + what.str() + (count == 1 ? "" : "s");
}

/// The stage count, and what the model has to say of it.
static std::string judgeStages(const Experiment &experiment, const Row &best, Judgement &result) {
  const Row &knee = *findKnee(experiment, best);
  result.recommended = static_cast<std::size_t>(&knee - experiment.rows.data());
  const LoopReport *loop = knee.mainLoop();
  if (!loop)
    return "There is no loop to pipeline.";
  result.knee = knee.stages;
  std::string text = "Use " + plural(knee.stages, "stage");
  if (&knee != &best)
    text += llvm::formatv(", the least count within 3 % of the best, which is {0}", best.stages).str();
  std::vector<const Row *> sweep;
  const Row *one = nullptr;
  for (const Row &row : experiment.rows)
    if (row.isMeasured() && differInStagesOnly(experiment, row, knee)) {
      sweep.push_back(&row);
      if (row.stages == 1)
        one = &row;
    }
  if (sweep.size() == 1)
    text += ", the only count that was measured";
  if (one && one != &knee)
    text += llvm::formatv("; that is {0:F2} times as fast as the loop as written", one->median() / knee.median()).str();
  text += ".";
  // An interval is the least one only where there are stages enough for it.
  for (const Row *row : sweep)
    if (row->mainLoop()->stages > loop->stages)
      loop = row->mainLoop();
  std::int64_t expected = std::max<std::int64_t>(1, loop->modelStages);
  result.expected = expected;
  text += llvm::formatv(" By the model an iteration takes {0} cycles", loop->serial).str();
  if (loop->stages >= expected && loop->stages > 1)
    text += llvm::formatv(" and the next may start after {0}", loop->initiationInterval).str();
  text += llvm::formatv(", so that {0} in flight {1} all latency that can be hidden", expected,
                        expected == 1 ? "hides" : "hide")
              .str();
  if (sweep.size() > 1) {
    std::int64_t apart = std::abs(knee.stages - expected);
    text += apart == 0 ? ", as measured"
            : knee.stages < expected
                ? "; measured, " + plural(apart, "stage") + " fewer " + (apart == 1 ? "is" : "are") + " as good"
                : "; measured, " + plural(apart, "stage") + " more " + (apart == 1 ? "is" : "are") + " better";
  }
  if (knee.predicted && *knee.predicted > 0)
    text += llvm::formatv("; it predicts {0:F3} ms, and the measured {1:F3} ms are {2:F2} times as long",
                          *knee.predicted * 1e3, knee.median() * 1e3, knee.median() / *knee.predicted)
                .str();
  return text + ".";
}

static std::string boundText(const Judgement &judgement) {
  return (judgement.bound.empty()       ? "What bounds it can't be told: "
          : judgement.bound == "memory" ? "Memory bounds it: "
                                        : "Arithmetic bounds it: ") +
         judgement.how + ".";
}

Judgement tuning::judge(const Experiment &experiment) {
  Judgement result;
  const Row *best = findBest(experiment);
  if (!best) {
    result.how = result.text = "nothing was measured";
    return result;
  }
  judgeBound(experiment, *best, result);
  std::string stages = judgeStages(experiment, *best, result);
  result.text = boundText(result) + " " + stages;
  return result;
}

Judgement tuning::judgeTuning(const Experiment &experiment) {
  Judgement result;
  const TuneResult &found = *experiment.tuning;
  if (found.best) {
    judgeBound(experiment, experiment.rows[*found.best], result);
    result.recommended = found.best;
    result.text = boundText(result) + "\n";
  } else {
    result.how = "nothing was measured";
  }
  result.text += found.text();
  return result;
}
