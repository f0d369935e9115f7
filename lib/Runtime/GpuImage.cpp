//===- GpuImage.cpp - Images as bytes, and what they print --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/GpuKernel.h"
#include "tile/Target/CPU/Printing.h"

#include <cstring>

namespace tile::runtime {

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

/// Writes values one after another, numbers as they are in memory, lists and texts after their lengths.
class ImageWriter {
public:
  std::string bytes;

  template <typename T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(const T &value) {
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(T));
  }
  void operator()(const std::string &text) {
    (*this)(static_cast<std::uint64_t>(text.size()));
    bytes += text;
  }
  template <typename T>
  void operator()(const std::vector<T> &list) {
    (*this)(static_cast<std::uint64_t>(list.size()));
    for (const T &element : list)
      (*this)(element);
  }
  template <typename T>
    requires std::is_class_v<T>
  void operator()(const T &value) {
    fields(*this, const_cast<T &>(value));
  }
};

/// Reads the same; `failed` once the bytes don't suffice.
class ImageReader {
public:
  explicit ImageReader(llvm::StringRef bytes) : rest(bytes) {}
  llvm::StringRef rest;
  bool failed = false;

  template <typename T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(T &value) {
    if (rest.size() < sizeof(T)) {
      failed = true;
      return;
    }
    std::memcpy(&value, rest.data(), sizeof(T));
    rest = rest.drop_front(sizeof(T));
  }
  void operator()(std::string &text) {
    text = rest.take_front(length()).str();
    rest = rest.drop_front(text.size());
  }
  template <typename T>
  void operator()(std::vector<T> &list) {
    // Every element takes a byte at least, so that no wrong length makes a giant.
    list.resize(length());
    for (T &element : list)
      if (!failed)
        (*this)(element);
  }
  template <typename T>
    requires std::is_class_v<T>
  void operator()(T &value) {
    fields(*this, value);
  }

private:
  std::size_t length() {
    std::uint64_t size = 0;
    (*this)(size);
    if (size > rest.size())
      failed = true;
    return failed ? 0 : size;
  }
};

template <typename Archive, typename... T>
static void all(Archive &archive, T &...values) {
  (archive(values), ...);
}

// What is read and written of each type, in order. The compiler's version is part of an entry's key, so that the list may change.

template <typename Archive>
static void fields(Archive &archive, Location &location) {
  all(archive, location.file, location.line, location.column);
}
template <typename Archive>
static void fields(Archive &archive, Diagnostic &diagnostic) {
  all(archive, diagnostic.severity, diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.message,
      diagnostic.notes);
}
template <typename Archive>
static void fields(Archive &archive, Verdict &verdict) {
  all(archive, verdict.location, verdict.pipelined, verdict.subject, verdict.message, verdict.suggestion);
}
template <typename Archive>
static void fields(Archive &archive, LoopReport &loop) {
  all(archive, loop.location, loop.stages, loop.initiationInterval, loop.serial, loop.bound, loop.modelStages,
      loop.sharedBytes);
}
template <typename Archive>
static void fields(Archive &archive, Report &report) {
  all(archive, report.target, report.loops, report.verdicts, report.warnings, report.sharedBytes, report.scratchBytes,
      report.schedule, report.spilledBytes);
}
template <typename Archive>
static void fields(Archive &archive, GpuImage::Assertion &assertion) {
  all(archive, assertion.message, assertion.location);
}
template <typename Archive>
static void fields(Archive &archive, GpuImage::Message::Value &value) {
  all(archive, value.letter, value.elementBytes, value.shape);
}
template <typename Archive>
static void fields(Archive &archive, GpuImage::Message &message) {
  all(archive, message.format, message.values);
}
template <typename Archive>
static void fields(Archive &archive, TensorMap &map) {
  all(archive, map.argument, map.word, map.elementBytes, map.axes, map.box, map.swizzle);
}
template <typename Archive>
static void fields(Archive &archive, GpuImage &image) {
  all(archive, image.code, image.entry, image.words, image.threads, image.producerThreads, image.sharedBytes,
      image.checked, image.persistent, image.startsEarly, image.tensorMaps, image.assertions, image.messages,
      image.report);
}

std::string GpuImage::pack() const {
  ImageWriter writer;
  writer(*this);
  return std::move(writer.bytes);
}

std::optional<GpuImage> GpuImage::unpack(llvm::StringRef bytes) {
  ImageReader reader(bytes);
  GpuImage image;
  reader(image);
  if (reader.failed || !reader.rest.empty() || image.code.empty() || image.entry.empty())
    return std::nullopt;
  return image;
}

//===----------------------------------------------------------------------===//
// What checked kernels write
//===----------------------------------------------------------------------===//

std::int64_t GpuImage::Message::Value::bytes() const {
  std::int64_t result = elementBytes;
  for (std::int64_t extent : shape)
    result *= extent;
  return result;
}

CheckedResult readRecords(const GpuImage &image, llvm::ArrayRef<std::uint32_t> header, llvm::StringRef records,
                          llvm::function_ref<void(llvm::StringRef)> print) {
  // The number of the message, and the program.
  constexpr std::size_t recordHeader = 16;
  CheckedResult result;
  std::size_t at = 0;
  while (at + recordHeader <= records.size()) {
    std::uint32_t number;
    std::memcpy(&number, records.data() + at, sizeof(number));
    // One that found no room was not written.
    if (number >= image.messages.size())
      break;
    const GpuImage::Message &message = image.messages[number];
    std::size_t value = at + recordHeader, end = value;
    for (const GpuImage::Message::Value &each : message.values)
      end += llvm::alignTo(each.bytes(), 4);
    if (end > records.size())
      break;
    std::vector<std::string> texts;
    for (const GpuImage::Message::Value &each : message.values) {
      texts.push_back(cpu::formatValue(records.data() + value, each.letter, each.elementBytes, each.shape));
      value += llvm::alignTo(each.bytes(), 4);
    }
    print(cpu::formatLine(message.format, texts));
    at = end;
  }
  result.lost = header[0] - at;
  if (header[1] && header[1] <= image.assertions.size()) {
    result.failed = &image.assertions[header[1] - 1];
    result.program = {header[2], header[3], header[4]};
  }
  return result;
}

} // namespace tile::runtime
