//===- Verdicts.cpp - What became of each loop and each load, and why *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/Verdicts.h"

#include <mlir/IR/MLIRContext.h>

using namespace mlir;
using namespace tile::pipeline;

void tile::pipeline::reportPipelined(Location loc, StringRef subject, const Twine &text) {
  auto remark = remark::passed(loc, remark::RemarkOpts::name(subject).category(kVerdictCategory));
  if (remark)
    remark << remark::add("{0}", text.str());
}

void tile::pipeline::reportRefused(Location loc, StringRef subject, const Twine &reason, const Twine &suggestion) {
  auto remark = remark::missed(loc, remark::RemarkOpts::name(subject).category(kVerdictCategory));
  if (!remark)
    return;
  remark << remark::reason("{0}", reason.str());
  if (std::string text = suggestion.str(); !text.empty())
    remark << remark::suggest("{0}", text);
}

/// The verdict of a loop or a load in a word; those of others say themselves what became of them.
static StringRef howItWent(const Verdict &verdict) {
  if (verdict.subject != "loop" && verdict.subject != "load")
    return "";
  return verdict.pipelined ? "pipelined: " : "left as written: ";
}

std::string tile::pipeline::render(const Verdict &verdict) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << verdict.file << ':' << verdict.line << ':' << verdict.column << ": " << verdict.subject << ": "
     << howItWent(verdict) << verdict.text;
  if (!verdict.suggestion.empty())
    os << "; " << verdict.suggestion;
  return text;
}

namespace {
/// A remark streamer that keeps verdicts as data.
class VerdictCollector : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit VerdictCollector(std::vector<Verdict> &verdicts) : verdicts(verdicts) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    Verdict verdict;
    verdict.pipelined = remark.getRemarkType() == llvm::remarks::Type::Passed;
    verdict.subject = remark.getRemarkName().str();
    if (auto loc = remark.getLocation()->findInstanceOf<FileLineColLoc>()) {
      verdict.file = loc.getFilename().str();
      verdict.line = loc.getLine();
      verdict.column = loc.getColumn();
    }
    for (const auto &argument : remark.getArgs())
      (argument.key == "Suggestion" ? verdict.suggestion : verdict.text) = argument.val;
    verdicts.push_back(std::move(verdict));
  }

private:
  std::vector<Verdict> &verdicts;
};
} // namespace

void tile::pipeline::collectVerdicts(MLIRContext &context, std::vector<Verdict> &verdicts) {
  remark::RemarkCategories categories;
  // The engine drops every kind of remark that has no filter of its own.
  categories.passed = categories.missed = kVerdictCategory.str();
  // The engine refuses only a filter that is no regular expression, and this one is.
  (void)remark::enableOptimizationRemarks(context, std::make_unique<VerdictCollector>(verdicts),
                                          std::make_unique<remark::RemarkEmittingPolicyAll>(), categories);
}
