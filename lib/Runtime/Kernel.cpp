//===- Kernel.cpp - Preparing and launching kernels -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Kernel.h"
#include "tile/Error.h"
#include "tile/Runtime/Choose.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Runtime/DiskCache.h"
#include "tile/Runtime/Facts.h"
#include "tile/Runtime/KernelImpl.h"
#include "tile/Runtime/TuningRecord.h"

#include <llvm/Support/raw_ostream.h>

namespace tile {

using namespace runtime;

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

Cache::Value Cache::get(const std::string &key, llvm::function_ref<Value()> compile) {
  std::promise<Value> promise;
  std::shared_future<Value> future;
  bool mine;
  {
    std::lock_guard<std::mutex> guard(mutex);
    auto [entry, inserted] = entries.try_emplace(key);
    if (inserted)
      entry->second = promise.get_future().share();
    future = entry->second;
    mine = inserted;
  }
  if (mine) {
    try {
      promise.set_value(compile());
    } catch (...) {
      {
        std::lock_guard<std::mutex> guard(mutex);
        entries.erase(key);
      }
      promise.set_exception(std::current_exception());
    }
  }
  return future.get();
}

std::string runtime::keyOf(const lang::Specialization &specialization, llvm::StringRef device, llvm::StringRef target) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << specialization.kernel << '|' << target << '|' << device << (specialization.checked ? "|checked" : "|");
  if (specialization.stages)
    out << specialization.stages << " stages";
  if (specialization.overrides != lang::Overrides())
    out << " overrides " << lang::toString(specialization.overrides);
  if (specialization.instrumented)
    out << " instrumented";
  for (const lang::ParamValue &param : specialization.params)
    out << ',' << static_cast<int>(param.kind) << ':' << param.value;
  out << '|';
  for (const std::optional<lang::DType> &dtype : specialization.dtypes)
    out << ',' << (dtype ? static_cast<int>(*dtype) : -1);
  out << '|';
  for (const std::optional<lang::Facts> &facts : specialization.facts) {
    out << ',';
    if (facts)
      out << facts->unitAxis << ':' << facts->align << ':' << facts->extentAlign << ':' << facts->index32 << ':'
          << facts->tensorMap;
  }
  out << '|';
  for (bool present : specialization.present)
    out << present;
  out << '|';
  for (const std::optional<int64_t> &extent : specialization.extents)
    out << ',' << (extent ? *extent : -1);
  return key;
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

/// What a specialisation is for, in words.
static void describe(const KernelRef &kernel, const lang::Specialization &specialization, const Call &call,
                     Report &report) {
  report.kernel = specialization.kernel;
  report.grid = call.bound().grid;
  for (auto [signature, value] : llvm::zip(kernel.signature->params, specialization.params))
    report.parameters.emplace_back(signature.name, lang::toString(value));
  for (auto [index, argument] : llvm::enumerate(call.arguments())) {
    std::string text = kernel.signature->arguments[index].name + ": ";
    if (argument.kind == lang::Argument::Absent)
      text += "absent";
    else
      text += lang::dtypeName(argument.dtype);
    if (argument.kind == lang::Argument::View) {
      text += " of rank " + std::to_string(argument.extents.size());
      if (index < specialization.facts.size() && specialization.facts[index])
        text += ", " + describe(*specialization.facts[index]);
    }
    report.arguments.push_back(std::move(text));
  }
}

/// The machine that a kernel is compiled for on a device.
std::string runtime::targetOf(const Device &device, const KernelOptions &options) {
  if (options.planFor.empty())
    return device.target();
  driver::Gpu *gpu = device.get()->gpu.get();
  if (!gpu)
    return options.planFor;
  // Code for an older architecture runs on a newer one, but for features that only one has ("a").
  llvm::StringRef number = options.planFor;
  int capability = 0;
  bool only = number.consume_back("a");
  if (!number.consume_front("sm_") || number.getAsInteger(10, capability))
    throw Error("code planned for '" + options.planFor + "' does not run on device '" + device.name() + "', a GPU");
  if (only ? capability != gpu->capability() : capability > gpu->capability())
    throw Error("code planned for '" + options.planFor + "' does not run on device '" + device.name() +
                "', which is of sm_" + std::to_string(gpu->capability()));
  return options.planFor;
}

const KernelRef &Kernel::Impl::choose(const Device &device, std::span<const Argument> given) {
  if (!leavesAnything(kernel, options))
    return kernel;
  Call call(kernel, given, Call::Unbound());
  std::string target = targetOf(device, options);
  // What suits extents of about this size may yet break a requirement of the kernel; then these very ones have a choice of their own.
  for (bool exactly : {false, true})
    if (const KernelRef *chosen = choose(device, call, target, exactly))
      return *chosen;
  // No values will do, and binding any says why.
  return kernel;
}

const KernelRef *Kernel::Impl::choose(const Device &device, const Call &call, const std::string &target, bool exactly) {
  auto isRight = [&](const KernelRef &chosen) {
    // Where nothing was chosen, whoever binds the arguments says what is wrong.
    if (chosen.params == kernel.params)
      return true;
    lang::Bound bound;
    return !lang::bind(*chosen.signature, chosen.params, call.arguments(), bound);
  };
  std::string key = choiceKey(kernel, call.arguments(), target, exactly);
  // What was tuned is for one device, and may be tuned anew.
  std::string known = device.description() + '\n' + std::to_string(tuningGeneration()) + '\n' + key;
  {
    std::lock_guard guard(mutex);
    if (auto found = choices.find(known); found != choices.end())
      return isRight(found->second) ? &found->second : nullptr;
  }
  KernelRef chosen = kernel;
  std::optional<Choice> tuned =
      exactly || !options.useTuning
          ? std::nullopt
          : tunedChoice(kernel, options, tuningKey(kernel, options, device, call.arguments(), target));
  if (tuned) {
    chosen.params = tuned->params;
    chosen.loopStages = tuned->loopStages;
    chosen.chosenBy = "tuning";
  } else if (device.get()->gpu && leavesChoice(kernel)) {
    // Choosing takes longer than anything else that a process with a warm cache does.
    std::shared_ptr<DiskCache> disk = diskCache();
    std::string name = disk ? diskKey("choice\n" + key + "\n" + kernel.file->text().str()) : "";
    std::optional<std::string> kept = disk ? disk->load(name) : std::nullopt;
    auto values = kept ? unpackValues(*kept, kernel.signature->params.size()) : std::nullopt;
    chosen.params = values ? *values : chooseParameters(kernel, call.arguments(), target);
    if (!isRight(chosen))
      return nullptr;
    if (disk && !values)
      disk->store(name, packValues(chosen.params));
  }
  // Another thread may have been faster; what is there stays where it is.
  std::lock_guard guard(mutex);
  const KernelRef &kept = choices.try_emplace(known, std::move(chosen)).first->second;
  return isRight(kept) ? &kept : nullptr;
}

Cache::Value Kernel::Impl::compile(const Device &device, const Call &call) const {
  const KernelRef &kernel = call.kernelRef();
  const Device::Impl &impl = *device.get();
  std::string target = targetOf(device, options);
  lang::Specialization specialization =
      specializationOf(kernel, call.bound(), call.arguments(), target, options.checked,
                       kernel.loopStages ? kernel.loopStages : options.stages);
  // Copies that land late are another program; so is the code for another context.
  return cache->get(keyOf(specialization,
                          impl.gpu    ? llvm::StringRef(impl.identity)
                          : impl.late ? "late"
                                      : "",
                          target),
                    [&]() -> Cache::Value {
                      auto result = std::make_shared<Compiled>();
                      result->kernel = kernel;
                      result->specialization = specialization;
                      result->report.device = device.name();
                      describe(kernel, specialization, call, result->report);
                      if (impl.gpu) {
                        result->gpu = makeGpuKernel(impl.gpu, kernel, specialization, target, result->report);
                        return result;
                      }
                      Compilation compilation(*kernel.file, specialization, target);
                      cpu::Options cpuOptions;
                      cpuOptions.late = impl.late;
                      if (compilation.runTo(Stage::Numerics))
                        result->executable = compilation.compileForHost(cpuOptions);
                      if (!result->executable)
                        compilation.diagnostics().raise(sourcesOf(*kernel.file),
                                                        "the compiler failed without saying why");
                      compilation.fill(result->report);
                      result->report.scratchBytes = result->executable->scratchBytes();
                      return result;
                    });
}

std::shared_ptr<Prepared::Impl> Kernel::Impl::find(const Device &device, const Call &call,
                                                   std::span<const Argument> given) {
  constexpr std::size_t mostRecent = 8;
  Cache::Value compiled = compile(device, call);
  std::shared_ptr<Prepared::Impl> prepared;
  {
    std::lock_guard guard(mutex);
    auto known = llvm::find_if(recent, [&](const auto &each) {
      return each->compiled == compiled && each->device == device && each->report.chosenBy == call.kernelRef().chosenBy;
    });
    if (known != recent.end()) {
      std::rotate(known, known + 1, recent.end());
    } else {
      if (recent.size() == mostRecent)
        recent.erase(recent.begin());
      recent.push_back(std::make_shared<Prepared::Impl>(device, compiled));
      recent.back()->report.chosenBy = call.kernelRef().chosenBy;
    }
    prepared = recent.back();
  }
  prepared->memo.remember(call.kernelRef(), compiled->specialization, call, given);
  return prepared;
}

std::shared_ptr<const Prepared::Impl> Kernel::Impl::findRecent(const Device &device, std::span<const Argument> given,
                                                               LaunchData &launch) const {
  std::lock_guard guard(mutex);
  // What was right for a call before something was tuned need not be what it gets now.
  if (std::uint64_t now = tuningGeneration(); std::exchange(generation, now) != now)
    recent.clear();
  for (const auto &each : llvm::reverse(recent))
    if (each->device == device && each->memo.find(given, /*exactly=*/true, launch))
      return each;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

static void checkDevice(const Stream &stream, const Device &device) {
  if (!(stream.device() == device))
    throw Error("the stream belongs to device '" + stream.device().name() +
                "' and the kernel was prepared for device '" + device.name() + "'" +
                (stream.device().name() == device.name() ? std::string(", another one of that name") : std::string()));
}

void Prepared::Impl::execute(const Stream &stream, LaunchData &launch) const {
  if (llvm::is_contained(launch.grid, 0))
    return;
  if (compiled->gpu)
    return launchOnGpu(compiled, stream, launch, maps);
  std::lock_guard<std::mutex> guard(stream.get()->running);
  launch.words.append(launch.record);
  if (llvm::Error error = compiled->executable->run(launch.words, launch.grid, *device.get()->pool))
    throw Error(llvm::toString(std::move(error)));
}

/// Throws unless machine code for one call is right for another.
static void checkFits(const Compiled &compiled, const Call &call) {
  const lang::KernelSignature &signature = *compiled.kernel.signature;
  const lang::Specialization &known = compiled.specialization;
  lang::Specialization needed = specializationLike(known, call);
  if (needed == known)
    return;
  auto refuse = [&](lang::Position position, const llvm::Twine &why) {
    raise(*compiled.kernel.file, position,
          why + "; Kernel::launch and Kernel::prepare compile what other arguments need");
  };
  for (auto [index, argument] : llvm::enumerate(call.arguments())) {
    const lang::ArgumentSignature &parameter = signature.arguments[index];
    if (needed.present[index] != known.present[index])
      refuse(parameter.position, "argument '" + llvm::Twine(parameter.name) + "' was " +
                                     (known.present[index] ? "present" : "absent") +
                                     " when this specialisation was prepared");
    if (!parameter.dtype && argument.kind != lang::Argument::Absent)
      if (int slot = signature.findDTypeName(parameter.dtypeName);
          slot >= 0 && known.dtypes[slot] && *known.dtypes[slot] != argument.dtype)
        refuse(parameter.position, "argument '" + llvm::Twine(parameter.name) + "' is of type " +
                                       lang::dtypeName(argument.dtype) + " and this specialisation was prepared for " +
                                       lang::dtypeName(*known.dtypes[slot]));
    if (argument.kind == lang::Argument::View && known.facts[index] && !fits(argument, *known.facts[index]))
      refuse(parameter.position, "argument '" + llvm::Twine(parameter.name) +
                                     "' does not have the layout that this specialisation was prepared for: " +
                                     describe(*known.facts[index]));
  }
  for (auto [slot, name] : llvm::enumerate(signature.extentNames))
    if (slot < known.extents.size() && known.extents[slot] && needed.extents[slot] != known.extents[slot])
      refuse(signature.position, "extent '" + llvm::Twine(name) + "' is " + llvm::Twine(call.bound().extents[slot]) +
                                     " and this specialisation was prepared for " + llvm::Twine(*known.extents[slot]));
  for (auto [slot, param] : llvm::enumerate(signature.params))
    if (!(needed.params[slot] == known.params[slot]))
      refuse(signature.position, "parameter '" + llvm::Twine(param.name) + "' would be " +
                                     lang::toString(needed.params[slot]) +
                                     " and this specialisation was prepared for " + lang::toString(known.params[slot]));
}

Prepared::Prepared(std::shared_ptr<const Impl> impl) : impl(std::move(impl)) {}

void Prepared::launchWith(Stream &stream, std::span<const Argument> arguments) const {
  checkDevice(stream, impl->device);
  LaunchData launch;
  if (!impl->memo.find(arguments, /*exactly=*/false, launch)) {
    Call call(impl->compiled->kernel, arguments);
    checkFits(*impl->compiled, call);
    impl->memo.remember(impl->compiled->kernel, impl->compiled->specialization, call, arguments);
    call.fill(launch);
  }
  impl->execute(stream, launch);
}

const Report &Prepared::report() const noexcept { return impl->report; }
const Device &Prepared::device() const noexcept { return impl->device; }

Kernel::Kernel(std::shared_ptr<Impl> impl) : impl(std::move(impl)) {}

const std::string &Kernel::name() const noexcept { return impl->kernel.signature->name; }

Prepared Kernel::prepareWith(const Device &device, std::span<const Argument> arguments) const {
  Call call(impl->choose(device, arguments), arguments);
  return Prepared(impl->find(device, call, arguments));
}

void Kernel::launchWith(Stream &stream, std::span<const Argument> arguments) const {
  LaunchData launch;
  std::shared_ptr<const Prepared::Impl> prepared = impl->findRecent(stream.device(), arguments, launch);
  if (!prepared) {
    Call call(impl->choose(stream.device(), arguments), arguments);
    prepared = impl->find(stream.device(), call, arguments);
    call.fill(launch);
  }
  prepared->execute(stream, launch);
}

} // namespace tile
