//===- TuningRecord.cpp - What was measured of a kernel -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/TuningRecord.h"
#include "tile/Dialect/Stages.h"
#include "tile/Runtime/DiskCache.h"
#include "tile/Target/CPU/Printing.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <atomic>
#include <cmath>
#include <mutex>

using namespace tile;
using namespace tile::runtime;

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string runtime::pack(const Choice &choice) {
  return packValues(choice.params) + '/' + std::to_string(choice.loopStages);
}

std::optional<Choice> runtime::unpackChoice(llvm::StringRef text, std::size_t count) {
  auto [values, stages] = text.split('/');
  Choice choice;
  auto params = unpackValues(values, count);
  if (!params || stages.getAsInteger(10, choice.loopStages) || choice.loopStages < 0 ||
      choice.loopStages > ir::kMostStages)
    return std::nullopt;
  choice.params = std::move(*params);
  return choice;
}

/// Counts changes after which older records are of no use.
static constexpr std::int64_t kVersion = 1;

static constexpr llvm::StringLiteral kStatuses[] = {"ok", "does not fit", "failed"};

static Array toArray(const std::vector<double> &numbers) { return Array(numbers); }

std::string TuningRecord::toText() const {
  // Sources may hold any bytes; JSON holds text.
  auto text = [](const std::string &bytes) { return llvm::json::fixUTF8(bytes); };
  Array array;
  for (const TunedRow &row : rows)
    array.push_back(Object{{"choice", text(row.choice)},
                           {"status", kStatuses[static_cast<std::size_t>(row.status)]},
                           {"reason", text(row.reason)},
                           {"seconds", toArray(row.seconds)},
                           {"ratios", toArray(row.ratios)},
                           {"error", row.error}});
  Value document =
      Object{{"version", kVersion},  {"kernel", text(kernel)}, {"device", text(device)}, {"date", text(date)},
             {"shape", text(shape)}, {"anchor", text(anchor)}, {"best", text(best)},     {"rows", std::move(array)}};
  return llvm::formatv("{0:2}\n", document).str();
}

/// Positive numbers; nothing when something else is among them.
static std::optional<std::vector<double>> numbersIn(const Object &object, llvm::StringRef name) {
  const Array *array = object.getArray(name);
  if (!array)
    return std::nullopt;
  std::vector<double> numbers;
  for (const Value &value : *array) {
    std::optional<double> number = value.getAsNumber();
    if (!number || !std::isfinite(*number) || *number <= 0)
      return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

static std::optional<TunedRow> rowOf(const Value &value) {
  const Object *object = value.getAsObject();
  if (!object)
    return std::nullopt;
  auto choice = object->getString("choice"), status = object->getString("status"), reason = object->getString("reason");
  auto seconds = numbersIn(*object, "seconds"), ratios = numbersIn(*object, "ratios");
  std::optional<double> error = object->getNumber("error");
  const auto *known = status ? llvm::find(kStatuses, *status) : std::end(kStatuses);
  if (!choice || !reason || known == std::end(kStatuses) || !seconds || !ratios || seconds->size() != ratios->size() ||
      !error)
    return std::nullopt;
  TunedRow row;
  row.choice = choice->str();
  row.status = static_cast<TunedRow::Status>(known - std::begin(kStatuses));
  row.reason = reason->str();
  row.seconds = std::move(*seconds);
  row.ratios = std::move(*ratios);
  row.error = *error;
  return row;
}

std::optional<TuningRecord> TuningRecord::fromText(llvm::StringRef text) {
  llvm::Expected<Value> document = llvm::json::parse(text);
  if (!document) {
    llvm::consumeError(document.takeError());
    return std::nullopt;
  }
  const Object *object = document->getAsObject();
  const Array *rows = object ? object->getArray("rows") : nullptr;
  if (!rows || object->getInteger("version") != kVersion)
    return std::nullopt;
  TuningRecord record;
  for (auto [name, member] :
       {std::pair("kernel", &record.kernel), std::pair("device", &record.device), std::pair("date", &record.date),
        std::pair("shape", &record.shape), std::pair("anchor", &record.anchor), std::pair("best", &record.best)}) {
    auto value = object->getString(name);
    if (!value)
      return std::nullopt;
    *member = value->str();
  }
  for (const Value &value : *rows) {
    std::optional<TunedRow> row = rowOf(value);
    if (!row)
      return std::nullopt;
    record.rows.push_back(std::move(*row));
  }
  return record;
}

//===----------------------------------------------------------------------===//
// Keeping
//===----------------------------------------------------------------------===//

std::string runtime::tuningKey(const KernelRef &kernel, const KernelOptions &options, const Device &device,
                               llvm::ArrayRef<lang::Argument> arguments, llvm::StringRef target) {
  std::string text;
  llvm::raw_string_ostream(text) << "tuning\n"
                                 << choiceKey(kernel, arguments, target) << '\n'
                                 << options.checked << ' ' << options.stages << '\n'
                                 << device.description() << '\n'
                                 << kernel.file->text();
  return diskKey(text);
}

namespace {
/// Records that no cache on the disk took.
struct Kept {
  std::mutex mutex;
  llvm::StringMap<TuningRecord> records;
  std::atomic<std::uint64_t> generation = 0;
};
} // namespace

static Kept &kept() {
  static auto *the = new Kept;
  return *the;
}

static void warn(const std::filesystem::path &path, llvm::StringRef why) {
  cpu::warn("the tuning record '" + path.string() + "' " + why +
            "; it is ignored and removed, and what was measured has to be measured again");
}

std::optional<TuningRecord> runtime::loadTuning(llvm::StringRef key) {
  if (std::shared_ptr<DiskCache> disk = diskCache()) {
    bool damaged;
    std::optional<std::string> bytes = disk->load(key, &damaged);
    if (damaged)
      warn(disk->pathOf(key), "is damaged, or others may write it");
    if (bytes) {
      std::optional<TuningRecord> record = TuningRecord::fromText(*bytes);
      if (record)
        return record;
      disk->remove(key);
      warn(disk->pathOf(key), "is none that this version understands");
    }
  }
  std::lock_guard guard(kept().mutex);
  auto found = kept().records.find(key);
  return found == kept().records.end() ? std::nullopt : std::optional(found->second);
}

void runtime::storeTuning(llvm::StringRef key, const TuningRecord &record) {
  std::shared_ptr<DiskCache> disk = diskCache();
  bool isOnDisk = disk && disk->store(key, record.toText());
  {
    std::lock_guard guard(kept().mutex);
    if (isOnDisk)
      kept().records.erase(key);
    else
      kept().records[key] = record;
  }
  ++kept().generation;
}

std::filesystem::path runtime::tuningPath(llvm::StringRef key) {
  std::shared_ptr<DiskCache> disk = diskCache();
  return disk ? disk->pathOf(key) : std::filesystem::path();
}

std::uint64_t runtime::tuningGeneration() { return kept().generation; }

std::optional<Choice> runtime::tunedChoice(const KernelRef &kernel, const KernelOptions &options, llvm::StringRef key) {
  std::optional<TuningRecord> record = loadTuning(key);
  if (!record || record->best.empty())
    return std::nullopt;
  const lang::KernelSignature &signature = *kernel.signature;
  std::optional<Choice> best = unpackChoice(record->best, signature.params.size());
  if (!best)
    return std::nullopt;
  // What is given isn't the record's to say.
  Choice choice{kernel.params, leavesLoopStages(kernel, options) ? best->loopStages : 0};
  choice.params.resize(signature.params.size());
  for (std::size_t index : openParameters(kernel, options)) {
    lang::ParamValue value = best->params[index];
    if (value.kind == lang::ParamValue::Unset || lang::checkParam(signature.params[index], value))
      return std::nullopt;
    choice.params[index] = value;
  }
  return choice;
}
