//===- DiskCache.h - Files that processes share ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_DISKCACHE_H
#define TILE_RUNTIME_DISKCACHE_H

#include "tile/Cache.h"

#include <llvm/ADT/StringRef.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tile::runtime {

/// A folder of entries: bytes under keys. Every failure is a miss; the first that the user can do something about is a warning.
class DiskCache {
public:
  using Warn = std::function<void(const std::string &)>;
  /// `warn` is called once at most.
  DiskCache(std::filesystem::path folder, std::uint64_t maxBytes, Warn warn);

  /// What is kept under a key, a text of the letters that SHA-256 in hexadecimal digits has. Entries that were damaged, or that
  /// somebody else could have written, are removed and as good as none; `damaged` says that there was one.
  std::optional<std::string> load(llvm::StringRef key, bool *damaged = nullptr);
  /// Keeps bytes under a key; whether it could. Other processes see all of them or none.
  bool store(llvm::StringRef key, llvm::StringRef bytes);
  /// Removes an entry that turned out to be of no use.
  void remove(llvm::StringRef key);
  /// Where an entry is, or would be.
  std::filesystem::path pathOf(llvm::StringRef key) const;

  const std::filesystem::path &folder() const { return path; }

private:
  /// Whether the folder is there and one to trust. Who wants to write has it made.
  bool open(bool make);
  void warnOnce(const std::string &why);
  /// Removes what was not used for longest until the rest is well below the limit.
  void shrink();

  std::filesystem::path path;
  std::uint64_t maxBytes;
  Warn warn;
  std::mutex mutex;
  bool warned = false;
};

/// The key of what depends on a text and on this build of the library.
std::string diskKey(llvm::StringRef text);

/// The cache of this process, or null when it is switched off.
std::shared_ptr<DiskCache> diskCache();

} // namespace tile::runtime

#endif // TILE_RUNTIME_DISKCACHE_H
