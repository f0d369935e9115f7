//===- DiskCache.cpp - Files that processes share -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// An entry is one file, named by its key. It is written under another name, made durable, and then renamed, so that a reader finds a
/// whole one or none, whoever else writes at the same time and whenever the machine stops. A header says what the file should be;
/// a file that is something else is removed and made anew. Code from the cache is run, so the folder and its files must be the
/// user's own, writable by nobody else.
///
//===----------------------------------------------------------------------===//

#include "tile/Runtime/DiskCache.h"
#include "tile/Runtime/BuildIdentity.h"
#include "tile/Target/CPU/Printing.h"
#include "tile/Version.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>
#include <llvm/Support/xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace tile {

using namespace runtime;

namespace {
/// What stands at the start of an entry.
struct Header {
  char magic[8];
  char key[64];
  std::uint64_t size;
  std::uint64_t checksum;
};

/// An open file.
class Descriptor {
public:
  explicit Descriptor(int number) : number(number) {}
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  explicit operator bool() const { return number >= 0; }

  const int number;
};
} // namespace

static constexpr char kMagic[8] = {'t', 'i', 'l', 'e', 'c', 'o', 'd', '1'};
static constexpr llvm::StringLiteral kSuffix = ".bin", kTemporary = ".tmp";

static Header headerOf(llvm::StringRef key, llvm::StringRef bytes) {
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  std::memcpy(header.key, key.data(), std::min(key.size(), sizeof(header.key)));
  header.size = bytes.size();
  header.checksum = llvm::xxh3_64bits(bytes);
  return header;
}

/// Whether only this user may write what a stat is of.
static bool isOwn(const struct stat &status) {
  return status.st_uid == ::geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH));
}

static bool readAll(int file, char *to, std::size_t bytes) {
  while (bytes) {
    ssize_t count = ::read(file, to, bytes);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    to += count;
    bytes -= static_cast<std::size_t>(count);
  }
  return true;
}

static bool writeAll(int file, llvm::StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    bytes = bytes.drop_front(static_cast<std::size_t>(count));
  }
  return true;
}

//===----------------------------------------------------------------------===//
// The folder
//===----------------------------------------------------------------------===//

DiskCache::DiskCache(std::filesystem::path folder, std::uint64_t maxBytes, Warn warn)
    : path(std::move(folder)), maxBytes(maxBytes), warn(std::move(warn)) {}

void DiskCache::warnOnce(const std::string &why) {
  if (std::exchange(warned, true))
    return;
  warn("the cache folder '" + path.string() + "' " + why + "; kernels are compiled anew by each process");
}

bool DiskCache::open(bool make) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) {
      warnOnce(std::string("can't be used: ") + std::strerror(errno));
      return false;
    }
    if (!make)
      return false;
    // Folders above it are made as usual; its own is for nobody else.
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if ((::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) || ::stat(path.c_str(), &status) != 0) {
      warnOnce(std::string("can't be made: ") + std::strerror(errno));
      return false;
    }
  }
  if (!S_ISDIR(status.st_mode)) {
    warnOnce("is no folder");
    return false;
  }
  if (!isOwn(status)) {
    warnOnce(status.st_uid == ::geteuid() ? "may be written by others" : "belongs to somebody else");
    return false;
  }
  return true;
}

void DiskCache::shrink() {
  struct Found {
    std::filesystem::path path;
    std::uint64_t size;
    struct timespec used;
  };
  std::vector<Found> files;
  std::uint64_t total = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    struct stat status;
    llvm::StringRef name = it->path().native();
    if ((!name.ends_with(kSuffix) && !name.ends_with(kTemporary)) || ::lstat(it->path().c_str(), &status) != 0 ||
        !S_ISREG(status.st_mode))
      continue;
    // A writer that was stopped has left its file behind.
    constexpr time_t hour = 3600;
    if (name.ends_with(kTemporary)) {
      if (status.st_mtime + hour < ::time(nullptr))
        ::unlink(it->path().c_str());
      continue;
    }
    total += static_cast<std::uint64_t>(status.st_size);
    files.push_back({it->path(), static_cast<std::uint64_t>(status.st_size), status.st_mtim});
  }
  if (total <= maxBytes)
    return;
  std::sort(files.begin(), files.end(), [](const Found &a, const Found &b) {
    return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
  });
  for (const Found &file : files) {
    if (total <= maxBytes / 4 * 3)
      break;
    if (::unlink(file.path.c_str()) == 0)
      total -= file.size;
  }
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

std::filesystem::path DiskCache::pathOf(llvm::StringRef key) const { return path / (key + kSuffix).str(); }

void DiskCache::remove(llvm::StringRef key) {
  std::lock_guard guard(mutex);
  ::unlink(pathOf(key).c_str());
}

std::optional<std::string> DiskCache::load(llvm::StringRef key, bool *damaged) {
  std::lock_guard guard(mutex);
  if (damaged)
    *damaged = false;
  if (!open(/*make=*/false))
    return std::nullopt;
  std::filesystem::path name = pathOf(key);
  auto dismiss = [&] {
    ::unlink(name.c_str());
    if (damaged)
      *damaged = true;
  };
  Descriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) {
    // A link is nothing that this cache has made.
    if (errno == ELOOP)
      dismiss();
    return std::nullopt;
  }
  struct stat status;
  Header header;
  std::string bytes;
  auto isSound = [&] {
    if (::fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode) || !isOwn(status) ||
        status.st_size < static_cast<off_t>(sizeof(header)) ||
        !readAll(file.number, reinterpret_cast<char *>(&header), sizeof(header)))
      return false;
    std::size_t size = static_cast<std::size_t>(status.st_size) - sizeof(header);
    if (header.size != size)
      return false;
    bytes.resize(size);
    if (!readAll(file.number, bytes.data(), size))
      return false;
    Header expected = headerOf(key, bytes);
    return std::memcmp(&header, &expected, sizeof(header)) == 0;
  };
  if (!isSound()) {
    dismiss();
    return std::nullopt;
  }
  // The time of its last use, for shrink().
  ::futimens(file.number, nullptr);
  return bytes;
}

bool DiskCache::store(llvm::StringRef key, llvm::StringRef bytes) {
  std::lock_guard guard(mutex);
  if (bytes.size() > maxBytes || !open(/*make=*/true))
    return false;
  std::filesystem::path name = pathOf(key);
  // Processes of several containers may share the folder and have one number, and so may one that was stopped and the next.
  std::random_device random;
  std::filesystem::path temporary =
      path / (key + "." + llvm::utohexstr(random()) + llvm::utohexstr(random()) + kTemporary).str();
  auto fail = [&] {
    std::string why = std::strerror(errno);
    ::unlink(temporary.c_str());
    warnOnce("can't be written: " + why);
    return false;
  };
  {
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!file)
      return fail();
    Header header = headerOf(key, bytes);
    if (!writeAll(file.number, llvm::StringRef(reinterpret_cast<const char *>(&header), sizeof(header))) ||
        !writeAll(file.number, bytes) || ::fsync(file.number) != 0)
      return fail();
  }
  if (::rename(temporary.c_str(), name.c_str()) != 0)
    return fail();
  shrink();
  return true;
}

//===----------------------------------------------------------------------===//
// The one of this process
//===----------------------------------------------------------------------===//

/// The folder that the environment names; empty when it switches the cache off, or when there is no place for one.
static std::filesystem::path folderOfEnvironment() {
  auto variable = [](const char *name) -> llvm::StringRef {
    const char *value = std::getenv(name);
    return value ? value : "";
  };
  if (llvm::StringRef chosen = variable("TILE_CACHE"); !chosen.empty())
    return chosen == "off" ? std::filesystem::path() : std::filesystem::path(chosen.str());
  // A relative path there is to be ignored, says the specification.
  if (llvm::StringRef base = variable("XDG_CACHE_HOME"); base.starts_with("/"))
    return std::filesystem::path(base.str()) / "tile";
  if (llvm::StringRef home = variable("HOME"); home.starts_with("/"))
    return std::filesystem::path(home.str()) / ".cache" / "tile";
  return {};
}

namespace {
struct Current {
  std::mutex mutex;
  bool chosen = false;
  std::shared_ptr<DiskCache> cache;
};
} // namespace

static Current &current() {
  static auto *the = new Current;
  return *the;
}

/// The folder wherever the process goes, and by a name without a slash at its end, behind which there would be a folder to make first.
static std::filesystem::path settled(const std::filesystem::path &folder) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(folder, error);
  path = (error ? folder : path).lexically_normal();
  return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

static void choose(Current &the, const CacheOptions &options) {
  std::filesystem::path folder = options.folder.empty() ? folderOfEnvironment() : options.folder;
  the.chosen = true;
  the.cache = nullptr;
  if (options.enabled && !folder.empty())
    the.cache = std::make_shared<DiskCache>(settled(folder), options.maxBytes,
                                            [](const std::string &warning) { cpu::warn(warning); });
}

std::string runtime::diskKey(llvm::StringRef text) {
  std::string all = std::string(version()) + '\n' + buildIdentity() + '\n' + text.str();
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(all)), /*LowerCase=*/true);
}

std::shared_ptr<DiskCache> runtime::diskCache() {
  Current &the = current();
  std::lock_guard guard(the.mutex);
  if (!the.chosen)
    choose(the, {});
  return the.cache;
}

void setCache(const CacheOptions &options) {
  Current &the = current();
  std::lock_guard guard(the.mutex);
  choose(the, options);
}

std::filesystem::path cacheFolder() {
  std::shared_ptr<DiskCache> cache = diskCache();
  return cache ? cache->folder() : std::filesystem::path();
}

} // namespace tile
