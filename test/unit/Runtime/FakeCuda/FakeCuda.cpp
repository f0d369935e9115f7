//===- FakeCuda.cpp - A CUDA driver without a GPU -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeCuda.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>

using namespace tile::driver;

// What the driver's handles stand for.
namespace tile::driver {
struct ContextObject {
  int device;
};
/// Launches that were captured, with their code.
struct GraphObject {
  std::vector<std::pair<std::shared_ptr<void>, FakeLaunch>> launches;
};
struct QueueObject {
  Context context;
  /// What is captured of it.
  GraphObject *graph = nullptr;
};
/// When it was recorded: what runs here is done when it was launched.
struct EventObject {
  std::chrono::steady_clock::time_point moment;
};
struct LibraryObject {
  std::string ptx;
  std::shared_ptr<void> code;
};
struct EntryObject {
  std::string name;
  /// The bytes of each parameter.
  std::vector<std::size_t> parameters;
  std::shared_ptr<void> code;
};
struct FunctionObject {
  std::string name;
  std::vector<std::size_t> parameters;
  Context context;
  std::shared_ptr<void> code;
  /// Bytes of dynamic shared memory that were asked for.
  int dynamicShared = 0;
};
struct LinkObject {
  std::string ptx, cubin;
  char *info = nullptr, *errors = nullptr;
  std::size_t infoBytes = 0, errorBytes = 0;
};
} // namespace tile::driver

namespace {
/// A range of addresses, and the device that has the memory; -1 for the host's.
struct Allocation {
  std::size_t bytes;
  int device;
};

struct Everything {
  std::mutex mutex;
  FakeCuda state;
  ContextObject primary[16];
  std::map<Address, Allocation> memory;
  /// Memory that was given back lately, which is not given out again yet.
  std::deque<std::pair<Address, std::size_t>> freed;
  std::size_t freedBytes = 0;
};
} // namespace

static Everything &all() {
  static auto *the = new Everything;
  return *the;
}

static thread_local std::vector<Context> stack;

static Context current() { return stack.empty() ? nullptr : stack.back(); }

static void reset() {
  Everything &the = all();
  the.state = FakeCuda();
  the.state.makeContext = [](int device) -> void * { return new ContextObject{device}; };
  the.state.makeQueue = [](void *context) -> void * { return new QueueObject{static_cast<Context>(context)}; };
  the.state.mapHost = [](void *address, std::size_t bytes) {
    all().memory[reinterpret_cast<Address>(address)] = {bytes, -1};
  };
  the.state.currentContext = []() -> void * { return current(); };
  the.state.setCurrentContext = [](void *context) {
    stack.clear();
    if (context)
      stack.push_back(static_cast<Context>(context));
  };
  the.state.reset = reset;
  for (int i = 0; i < 16; ++i)
    the.primary[i].device = i;
}

extern "C" FakeCuda *fakeCuda() {
  static const bool once = (reset(), true);
  (void)once;
  return &all().state;
}

static FakeCuda &fake() { return *fakeCuda(); }

/// Of what is broken, whose it is and how it is told, which belong together.
static std::mutex brokenMutex;

/// What went wrong in the context that is current.
static Result broken() {
  std::lock_guard guard(brokenMutex);
  return fake().brokenContexts.empty() || fake().brokenContexts.contains(current()) ? fake().broken : 0;
}

/// The bytes of each parameter of an entry: `.u64` is one of 8, `.b8 name[128]` one of 128.
static std::vector<std::size_t> parametersOf(const std::string &ptx, const std::string &entry) {
  std::vector<std::size_t> result;
  std::size_t at = ptx.find(".entry " + entry + "(");
  std::size_t end = ptx.find(')', at);
  while (at != std::string::npos && (at = ptx.find(".param", at + 1)) < end) {
    std::istringstream text(ptx.substr(at, ptx.find_first_of(",)", at) - at));
    std::string type, name;
    text >> type >> type;
    if (type == ".align")
      text >> type >> type;
    while (text >> name)
      ;
    std::size_t bytes = static_cast<std::size_t>(std::atoi(type.c_str() + 2)) / 8, count = name.find('[');
    result.push_back(count == std::string::npos ? bytes
                                                : bytes * static_cast<std::size_t>(std::atoi(&name[count + 1])));
  }
  return result;
}

/// Parameters as C lays them out: words and less on multiples of their size, those beyond on multiples of 64 bytes.
static std::vector<std::uint64_t> layOut(const std::vector<std::size_t> &sizes, void **parameters) {
  std::vector<std::uint64_t> words;
  std::size_t end = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::size_t align = sizes[i] > 8 ? 64 : sizes[i], start = (end + align - 1) / align * align;
    end = start + sizes[i];
    words.resize((end + 7) / 8);
    std::memcpy(reinterpret_cast<char *>(words.data()) + start, parameters[i], sizes[i]);
  }
  return words;
}

/// What the driver says to calls that a capture forbids.
static Result forbidden() { return fake().captured ? 900 : 0; }

/// Bytes before and behind an allocation.
static constexpr std::size_t kGuard = 256;

static const Allocation *find(Address address) {
  auto next = all().memory.upper_bound(address);
  if (next == all().memory.begin())
    return nullptr;
  auto &[begin, allocation] = *--next;
  return address - begin < allocation.bytes ? &allocation : nullptr;
}

//===----------------------------------------------------------------------===//
// Devices and contexts
//===----------------------------------------------------------------------===//

extern "C" {

Result cuInit(unsigned) {
  // For processes that can't be reached before they start.
  if (const char *result = std::getenv("FAKE_CUDA_INIT"))
    return std::atoi(result);
  return fake().init;
}

Result cuDriverGetVersion(int *version) {
  const char *given = std::getenv("FAKE_CUDA_VERSION");
  *version = given ? std::atoi(given) : fake().version;
  return 0;
}

Result cuGetErrorName(Result error, const char **text) {
  static const std::map<Result, const char *> names = {
      {1, "CUDA_ERROR_INVALID_VALUE"},     {2, "CUDA_ERROR_OUT_OF_MEMORY"},
      {100, "CUDA_ERROR_NO_DEVICE"},       {200, "CUDA_ERROR_INVALID_IMAGE"},
      {218, "CUDA_ERROR_INVALID_PTX"},     {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"},
      {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {716, "CUDA_ERROR_MISALIGNED_ADDRESS"},
      {719, "CUDA_ERROR_LAUNCH_FAILED"},   {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
      {999, "CUDA_ERROR_UNKNOWN"},
  };
  auto found = names.find(error);
  *text = found == names.end() ? nullptr : found->second;
  return found == names.end() ? 1 : 0;
}

Result cuGetErrorString(Result error, const char **text) {
  const char *name;
  if (Result unknown = cuGetErrorName(error, &name))
    return unknown;
  // A message outlives what comes after it.
  static thread_local std::string told;
  if (std::lock_guard guard(brokenMutex); error && error == fake().broken) {
    told = fake().brokenText;
    *text = told.c_str();
    return 0;
  }
  *text = error == 700 ? "an illegal memory access was encountered" : "the fake's text";
  return 0;
}

Result cuDeviceGetCount(int *count) {
  *count = fake().devices;
  return 0;
}

Result cuDeviceGet(DeviceId *device, int ordinal) {
  *device = ordinal;
  return ordinal < fake().devices ? 0 : 101;
}

Result cuDeviceGetName(char *name, int size, DeviceId device) {
  std::string text = fake().name.empty() ? "Fake " + std::to_string(device) : fake().name;
  if (auto found = fake().names.find(device); found != fake().names.end())
    text = found->second;
  std::snprintf(name, static_cast<std::size_t>(size), "%s", text.c_str());
  return 0;
}

Result cuDeviceGetAttribute(int *value, DeviceAttribute attribute, DeviceId) {
  switch (attribute) {
  case DeviceAttribute::Multiprocessors:
    *value = fake().processors;
    return 0;
  case DeviceAttribute::ThreadsPerMultiprocessor:
    *value = 2048;
    return 0;
  case DeviceAttribute::Major:
    *value = fake().major;
    return 0;
  case DeviceAttribute::Minor:
    *value = fake().minor;
    return 0;
  case DeviceAttribute::SharedPerMultiprocessor:
    *value = 233472;
    return 0;
  case DeviceAttribute::RegistersPerMultiprocessor:
    *value = 65536;
    return 0;
  case DeviceAttribute::SharedPerBlock:
    *value = fake().sharedPerBlock;
    return 0;
  case DeviceAttribute::BlocksPerMultiprocessor:
    *value = 32;
    return 0;
  case DeviceAttribute::ReservedSharedPerBlock:
    *value = 1024;
    return 0;
  case DeviceAttribute::ClockRate:
    *value = 1980000;
    return 0;
  case DeviceAttribute::MemoryClockRate:
    *value = 2619000;
    return 0;
  case DeviceAttribute::MemoryBusWidth:
    *value = 5120;
    return 0;
  case DeviceAttribute::L2Bytes:
    *value = 50 << 20;
    return 0;
  }
  return 1;
}

Result cuDevicePrimaryCtxRetain(Context *context, DeviceId device) {
  fakeCuda();
  *context = &all().primary[device];
  return fake().primaryContext;
}

Result cuCtxGetCurrent(Context *context) {
  *context = current();
  return 0;
}

Result cuCtxPushCurrent_v2(Context context) {
  stack.push_back(context);
  return 0;
}

Result cuCtxPopCurrent_v2(Context *context) {
  if (stack.empty())
    return 201;
  *context = stack.back();
  stack.pop_back();
  return 0;
}

Result cuCtxGetDevice(DeviceId *device) {
  if (!current())
    return 201;
  *device = current()->device;
  return 0;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Result cuMemGetInfo_v2(std::size_t *available, std::size_t *total) {
  *total = fake().memory;
  *available = fake().memory - fake().used;
  return 0;
}

Result cuMemAlloc_v2(Address *address, std::size_t bytes) {
  if (!current())
    return 201;
  if (Result error = forbidden())
    return error;
  Everything &the = all();
  std::lock_guard guard(the.mutex);
  if (!bytes)
    return 1;
  if (bytes > fake().memory - fake().used || current()->device == fake().fullDevice)
    return 2;
  // Neighbours don't touch: what lies behind an allocation is nobody's.
  std::size_t whole = (bytes + 255) / 256 * 256 + 2 * kGuard;
  auto *memory = static_cast<char *>(std::aligned_alloc(256, whole));
  if (!memory)
    return 2;
  std::memset(memory, 0xa5, whole);
  *address = reinterpret_cast<Address>(memory + kGuard);
  the.memory[*address] = {bytes, current()->device};
  fake().used += bytes;
  ++fake().allocations;
  return 0;
}

Result cuMemFree_v2(Address address) {
  Everything &the = all();
  std::lock_guard guard(the.mutex);
  auto found = the.memory.find(address);
  if (found == the.memory.end())
    return 1;
  fake().used -= std::min(fake().used, found->second.bytes);
  // Kept for a while, so that an access to it can be told from one to something new.
  the.freed.emplace_back(address, found->second.bytes);
  the.freedBytes += found->second.bytes;
  the.memory.erase(found);
  while (the.freedBytes > (std::size_t(64) << 20) || the.freed.size() > 64) {
    auto [oldest, bytes] = the.freed.front();
    std::free(reinterpret_cast<char *>(oldest) - kGuard);
    the.freed.pop_front();
    the.freedBytes -= bytes;
  }
  ++fake().frees;
  return 0;
}

/// What a copy comes to nothing by; for devices that run code, also a range that isn't theirs.
static Result copyError(Address address, std::size_t bytes) {
  if (broken() || fake().copy)
    return broken() ? broken() : fake().copy;
  if (!fake().run || !bytes)
    return 0;
  std::lock_guard guard(all().mutex);
  const Allocation *first = find(address);
  return first && first == find(address + bytes - 1) ? 0 : 1;
}

Result cuMemcpyHtoDAsync_v2(Address to, const void *from, std::size_t bytes, Queue) {
  if (Result error = copyError(to, bytes))
    return error;
  std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  return 0;
}

Result cuMemcpyDtoHAsync_v2(void *to, Address from, std::size_t bytes, Queue) {
  if (Result error = copyError(from, bytes))
    return error;
  std::memcpy(to, reinterpret_cast<void *>(from), bytes);
  return 0;
}

Result cuPointerGetAttribute(void *value, PointerAttribute attribute, Address address) {
  Everything &the = all();
  std::lock_guard guard(the.mutex);
  ++fake().pointerQueries;
  const Allocation *allocation = find(address);
  if (!allocation)
    return 1;
  if (attribute == PointerAttribute::MemoryType) {
    *static_cast<unsigned *>(value) = allocation->device < 0 ? kHostMemory : 2;
    return 0;
  }
  // Devices can't reach each other's memory here.
  if (!current() || (allocation->device >= 0 && allocation->device != current()->device))
    return 1;
  *static_cast<Address *>(value) = address;
  return 0;
}

//===----------------------------------------------------------------------===//
// Queues
//===----------------------------------------------------------------------===//

Result cuStreamCreate(Queue *queue, unsigned) {
  if (!current())
    return 201;
  ++fake().queues;
  *queue = new QueueObject{current()};
  return 0;
}

Result cuStreamDestroy_v2(Queue queue) {
  --fake().queues;
  delete queue;
  return 0;
}

Result cuStreamSynchronize(Queue queue) {
  ++fake().synchronizations;
  if (queue && queue == fake().captured)
    return 900;
  return broken() ? broken() : fake().synchronize;
}

Result cuStreamGetCtx(Queue queue, Context *context) {
  *context = queue->context;
  return 0;
}

Result cuEventCreate(Event *event, unsigned) {
  *event = new EventObject;
  return 0;
}

Result cuEventDestroy_v2(Event event) {
  delete event;
  return 0;
}

Result cuEventRecord(Event event, Queue) {
  event->moment = std::chrono::steady_clock::now();
  return 0;
}

Result cuEventSynchronize(Event) { return broken(); }

Result cuEventElapsedTime(float *milliseconds, Event start, Event end) {
  *milliseconds = std::chrono::duration<float, std::milli>(end->moment - start->moment).count();
  return 0;
}

Result cuStreamIsCapturing(Queue queue, int *status) {
  *status = queue && queue == fake().captured;
  return 0;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

static void fill(char *to, std::size_t bytes, const std::string &text) {
  if (to && bytes)
    std::snprintf(to, bytes, "%s", text.c_str());
}

Result cuLinkCreate_v2(unsigned count, JitOption *options, void **values, Link *link) {
  *link = new LinkObject;
  for (unsigned i = 0; i < count; ++i)
    switch (options[i]) {
    case JitOption::InfoLog:
      (*link)->info = static_cast<char *>(values[i]);
      break;
    case JitOption::InfoLogBytes:
      (*link)->infoBytes = reinterpret_cast<std::size_t>(values[i]);
      break;
    case JitOption::ErrorLog:
      (*link)->errors = static_cast<char *>(values[i]);
      break;
    case JitOption::ErrorLogBytes:
      (*link)->errorBytes = reinterpret_cast<std::size_t>(values[i]);
      break;
    default:
      break;
    }
  return current() ? 0 : 201;
}

Result cuLinkAddData_v2(Link link, int type, void *data, std::size_t bytes, const char *, unsigned, JitOption *,
                        void **) {
  ++fake().links;
  auto *text = static_cast<const char *>(data);
  if (type != kInputPtx || text[bytes - 1] != 0)
    return 1;
  fake().ptx = link->ptx = text;
  if (fake().link) {
    fill(link->errors, link->errorBytes, fake().errorLog);
    return fake().link;
  }
  std::string error;
  if (fake().loadCode && !fake().loadCode(link->ptx, error)) {
    fill(link->errors, link->errorBytes, error);
    return 218;
  }
  fill(link->info, link->infoBytes, fake().infoLog);
  return 0;
}

Result cuLinkComplete(Link link, void **cubin, std::size_t *bytes) {
  link->cubin = "fake cubin of\n" + link->ptx;
  *cubin = link->cubin.data();
  *bytes = link->cubin.size();
  return 0;
}

Result cuLinkDestroy(Link link) {
  delete link;
  return 0;
}

Result cuLibraryLoadData(Library *library, const void *code, JitOption *, void **, unsigned, int *, void **, unsigned) {
  ++fake().loads;
  if (fake().load)
    return fake().load;
  // What the linker makes, or PTX.
  auto *text = static_cast<const char *>(code);
  fake().loadedCubin = std::strncmp(text, "fake cubin of\n", 14) == 0;
  if (!fake().loadedCubin && std::strncmp(text, ".version", 8) != 0 && std::strncmp(text, "//", 2) != 0)
    return 200;
  if (std::strncmp(text, "fake", 4) == 0)
    text += 14;
  std::shared_ptr<void> loaded;
  if (fake().loadCode) {
    std::string error;
    loaded = fake().loadCode(text, error);
    if (!loaded) {
      std::fprintf(stderr, "emulator: %s\n", error.c_str());
      return 218;
    }
  }
  *library = new LibraryObject{text, std::move(loaded)};
  return 0;
}

Result cuLibraryUnload(Library library) {
  ++fake().unloads;
  delete library;
  return 0;
}

Result cuLibraryGetKernel(Entry *entry, Library library, const char *name) {
  *entry = new EntryObject{name, parametersOf(library->ptx, name), library->code};
  return 0;
}

Result cuKernelGetFunction(Function *function, Entry entry) {
  if (!current())
    return 201;
  *function = new FunctionObject{entry->name, entry->parameters, current(), entry->code};
  return 0;
}

Result cuFuncGetAttribute(int *value, FunctionAttribute attribute, Function function) {
  if (fake().codeAttribute) {
    *value = fake().codeAttribute(function->code, function->name, attribute);
    return 0;
  }
  *value = attribute == FunctionAttribute::Registers    ? fake().registers
           : attribute == FunctionAttribute::LocalBytes ? fake().localBytes
                                                        : 0;
  return 0;
}

Result cuFuncSetAttribute(Function function, FunctionAttribute attribute, int value) {
  if (attribute != FunctionAttribute::DynamicShared || value > fake().sharedPerBlock)
    return 1;
  function->dynamicShared = fake().dynamicShared = value;
  return 0;
}

Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, Function, int, std::size_t) {
  *blocks = fake().blocksPerMultiprocessor;
  return 0;
}

/// Runs a kernel. The launch succeeds; what goes wrong in it is found by who waits.
static void runNow(const std::shared_ptr<void> &code, const FakeLaunch &launch) {
  FakeCuda &the = fake();
  FakeCuda::Ranges live, freed;
  {
    std::lock_guard guard(all().mutex);
    for (auto &[address, allocation] : all().memory)
      live.emplace_back(address, allocation.bytes);
    freed.assign(all().freed.begin(), all().freed.end());
  }
  std::string text;
  if (Result error = the.run(code, launch, live, freed, text)) {
    std::lock_guard guard(brokenMutex);
    the.brokenContexts.insert(launch.context);
    the.brokenText = text;
    the.broken = error;
  }
}

static Result launchAs(const LaunchConfig *config, Function function, void **parameters, void **extra) {
  Queue queue = config->queue;
  unsigned sharedBytes = config->sharedBytes;
  FakeCuda &the = *fakeCuda();
  if (!current() || current() != function->context || (queue && queue->context != current()))
    return 201;
  if (the.launch)
    return the.launch;
  // As the driver does: parameters one way or the other, dynamic shared memory beyond 48 KiB only when it was asked for.
  if (!parameters == !extra || (parameters && function->parameters.empty()) ||
      (extra && (extra[0] != kParamBuffer || extra[2] != kParamBytes || extra[4] != kParamEnd)) ||
      (sharedBytes > 48 * 1024 && static_cast<int>(sharedBytes) > function->dynamicShared))
    return 1;
  ++the.launchCount;
  if (Result error = broken())
    return error;
  if (!the.record && !the.run)
    return 0;
  std::vector<std::uint64_t> words;
  if (parameters) {
    words = layOut(function->parameters, parameters);
  } else {
    auto *given = static_cast<const std::uint64_t *>(extra[1]);
    std::size_t count = *static_cast<std::size_t *>(extra[3]) / sizeof(*given);
    words.assign(given, given + count);
  }
  FakeLaunch launch = {function->name,
                       {config->gridX, config->gridY, config->gridZ},
                       {config->blockX, config->blockY, config->blockZ},
                       sharedBytes,
                       queue,
                       current(),
                       std::move(words)};
  for (unsigned i = 0; i < config->attributeCount; ++i) {
    const LaunchAttribute &attribute = config->attributes[i];
    if (attribute.id == kClusterDimension)
      std::copy(std::begin(attribute.value.extents), std::end(attribute.value.extents), launch.cluster);
    else if (attribute.id == kProgrammaticSerialization)
      launch.startsEarly = attribute.value.isAllowed;
    else
      return 1;
  }
  if (queue && queue->graph) {
    queue->graph->launches.emplace_back(function->code, launch);
    return 0;
  }
  if (the.run) {
    runNow(function->code, launch);
    return 0;
  }
  std::lock_guard guard(all().mutex);
  the.launches.push_back(launch);
  if (the.onLaunch)
    the.onLaunch(launch);
  return 0;
}

Result cuLaunchKernel(Function function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                      unsigned blockY, unsigned blockZ, unsigned sharedBytes, Queue queue, void **parameters,
                      void **extra) {
  LaunchConfig config = {gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, queue, nullptr, 0};
  return launchAs(&config, function, parameters, extra);
}

#ifndef FAKE_CUDA_WITHOUT_TENSOR_MAPS
Result cuLaunchKernelEx(const LaunchConfig *config, Function function, void **parameters, void **extra) {
  return launchAs(config, function, parameters, extra);
}

/// Refuses what the driver refuses, and writes down the rest. The emulator has one of its own.
__attribute__((weak)) Result cuTensorMapEncodeTiled(TensorMapObject *map, TensorMapType type, unsigned rank,
                                                    Address address, const std::uint64_t *extents,
                                                    const std::uint64_t *byteStrides, const std::uint32_t *box,
                                                    const std::uint32_t *steps, TensorMapInterleave interleave,
                                                    TensorMapSwizzle swizzle, TensorMapPromotion promotion,
                                                    TensorMapFill fill) {
  ++fake().encodes;
  if (fake().encode)
    return fake().encode;
  if (reinterpret_cast<std::uintptr_t>(map) % 64 != 0 || rank < 1 || rank > 5 || !address || address % 16 != 0 ||
      interleave != TensorMapInterleave::None || fill != TensorMapFill::Zeros)
    return 1;
  std::memset(map, 0, sizeof(*map));
  map->words[0] = address;
  map->words[1] = rank | static_cast<unsigned>(type) << 8 | static_cast<unsigned>(swizzle) << 16 |
                  static_cast<unsigned>(promotion) << 24;
  for (unsigned i = 0; i < rank; ++i) {
    if (extents[i] < 1 || extents[i] > std::uint64_t(1) << 32 || box[i] < 1 || box[i] > 256 || steps[i] != 1)
      return 1;
    map->words[2 + i] = extents[i];
    map->words[11 + i] = box[i];
    if (i + 1 < rank) {
      if (!byteStrides[i] || byteStrides[i] % 16 != 0 || byteStrides[i] >= std::uint64_t(1) << 40)
        return 1;
      map->words[7 + i] = byteStrides[i];
    }
  }
  return 0;
}
#endif

//===----------------------------------------------------------------------===//
// What only callers of the driver use
//===----------------------------------------------------------------------===//

Result cuCtxCreate_v2(Context *context, unsigned, DeviceId device) {
  *context = new ContextObject{device};
  stack.push_back(*context);
  return 0;
}

Result cuCtxDestroy_v2(Context context) {
  if (current() == context)
    stack.pop_back();
  delete context;
  return 0;
}

Result cuStreamBeginCapture_v2(Queue queue, int) {
  queue->graph = new GraphObject;
  fake().captured = queue;
  return 0;
}

Result cuStreamEndCapture(Queue queue, GraphObject **graph) {
  *graph = std::exchange(queue->graph, nullptr);
  fake().captured = nullptr;
  return *graph ? 0 : 1;
}

/// Work runs when it is launched.
Result cuStreamWaitEvent(Queue, Event, unsigned) { return 0; }

Result cuGraphInstantiateWithFlags(GraphObject **ready, const GraphObject *graph, unsigned long long) {
  *ready = new GraphObject(*graph);
  return 0;
}

Result cuGraphLaunch(const GraphObject *ready, Queue) {
  for (const auto &[code, launch] : ready->launches)
    if (fake().run)
      runNow(code, launch);
  return broken();
}

Result cuGraphExecDestroy(GraphObject *ready) {
  delete ready;
  return 0;
}

Result cuGraphDestroy(GraphObject *graph) {
  delete graph;
  return 0;
}

} // extern "C"
