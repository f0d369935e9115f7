//===- DiskCacheTest.cpp - Files that processes share -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/DiskCache.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using tile::runtime::DiskCache;
namespace fs = std::filesystem;

namespace {
class DiskCacheTest : public testing::Test {
protected:
  DiskCacheTest() {
    std::string pattern = (fs::temp_directory_path() / "tile-disk-XXXXXX").string();
    base = mkdtemp(pattern.data());
    folder = base / "deeper" / "tile";
  }
  ~DiskCacheTest() override { fs::remove_all(base); }

  DiskCache make(std::uint64_t maxBytes = 1 << 20) {
    return DiskCache(folder, maxBytes, [this](const std::string &warning) { warnings.push_back(warning); });
  }
  static std::string key(int number) {
    std::string digits = std::to_string(number);
    return std::string(64 - digits.size(), '0') + digits;
  }
  fs::path file(int number) { return folder / (key(number) + ".bin"); }

  fs::path base, folder;
  std::vector<std::string> warnings;
};
} // namespace

TEST_F(DiskCacheTest, KeepsBytes) {
  DiskCache cache = make();
  EXPECT_EQ(cache.load(key(1)), std::nullopt);
  std::string bytes("a\0b", 3);
  cache.store(key(1), bytes);
  EXPECT_EQ(cache.load(key(1)), bytes);
  EXPECT_EQ(cache.load(key(2)), std::nullopt);
  cache.store(key(1), "another");
  EXPECT_EQ(make().load(key(1)), "another");
  cache.remove(key(1));
  EXPECT_EQ(cache.load(key(1)), std::nullopt);
  cache.store(key(3), "");
  EXPECT_EQ(cache.load(key(3)), "");
  EXPECT_TRUE(warnings.empty());
  // Nobody else can read or write it.
  struct stat status;
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(DiskCacheTest, ForeignFilesAreReplaced) {
  DiskCache cache = make();
  cache.store(key(1), "one");
  cache.store(key(2), "two");
  // An entry under another's name.
  fs::copy_file(file(1), file(2), fs::copy_options::overwrite_existing);
  EXPECT_EQ(cache.load(key(2)), std::nullopt);
  EXPECT_FALSE(fs::exists(file(2)));
  // Somebody's notes, a link to an entry, a folder, and one that others may write.
  std::ofstream(file(2))
      << "this is no entry, though it is as long as one would be, and then some more than that, so that it can be read";
  EXPECT_EQ(cache.load(key(2)), std::nullopt);
  fs::create_symlink(file(1), file(2));
  EXPECT_EQ(cache.load(key(2)), std::nullopt);
  EXPECT_FALSE(fs::exists(fs::symlink_status(file(2))));
  EXPECT_EQ(cache.load(key(1)), "one");
  ::chmod(file(1).c_str(), 0622);
  EXPECT_EQ(cache.load(key(1)), std::nullopt);
  cache.store(key(1), "again");
  EXPECT_EQ(cache.load(key(1)), "again");
  fs::create_directory(file(3));
  EXPECT_EQ(cache.load(key(3)), std::nullopt);
  EXPECT_TRUE(warnings.empty());
}

TEST_F(DiskCacheTest, AFolderThatOthersMayWriteIsNotUsed) {
  make().store(key(1), "one");
  ::chmod(folder.c_str(), 0777);
  DiskCache cache = make();
  EXPECT_EQ(cache.load(key(1)), std::nullopt);
  cache.store(key(2), "two");
  EXPECT_FALSE(fs::exists(file(2)));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("may be written by others"), std::string::npos);
}

TEST_F(DiskCacheTest, AFolderOfSomebodyElseIsNotUsed) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can give a folder away";
  make().store(key(1), "one");
  ASSERT_EQ(::chown(folder.c_str(), 12345, 12345), 0);
  DiskCache cache = make();
  EXPECT_EQ(cache.load(key(1)), std::nullopt);
  cache.store(key(2), "two");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("belongs to somebody else"), std::string::npos);
}

TEST_F(DiskCacheTest, AFileInTheFoldersPlaceIsOneWarning) {
  fs::create_directories(folder.parent_path());
  std::ofstream(folder) << "a file";
  DiskCache cache = make();
  cache.store(key(1), "one");
  cache.store(key(2), "two");
  EXPECT_EQ(cache.load(key(1)), std::nullopt);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("is no folder"), std::string::npos);
}

TEST_F(DiskCacheTest, AFullDiskIsOneWarning) {
  DiskCache cache = make();
  cache.store(key(1), "one");
  // No file may grow beyond this; the signal that comes with it is for those who don't look at results.
  struct rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = {64, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  cache.store(key(2), std::string(1000, 'x'));
  cache.store(key(3), std::string(1000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("can't be written: File too large"), std::string::npos);
  // No half entries, no rubbish, and what was there is.
  EXPECT_EQ(cache.load(key(2)), std::nullopt);
  EXPECT_EQ(cache.load(key(1)), "one");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(DiskCacheTest, WhatWasNotUsedForLongestGoesFirst) {
  DiskCache cache = make(10000);
  for (int i = 0; i < 9; ++i) {
    cache.store(key(i), std::string(1000, 'x'));
    // Times of their own, in order, in the past.
    struct timespec times[2] = {{1000 + i, 0}, {1000 + i, 0}};
    ::utimensat(AT_FDCWD, file(i).c_str(), times, 0);
  }
  EXPECT_TRUE(cache.load(key(0)));
  cache.store(key(9), std::string(1000, 'x'));
  EXPECT_TRUE(cache.load(key(0))) << "it was used just now";
  EXPECT_FALSE(cache.load(key(1)));
  EXPECT_FALSE(cache.load(key(2)));
  EXPECT_TRUE(cache.load(key(8)));
  EXPECT_TRUE(cache.load(key(9)));
  // What alone is too large is not kept, and drives nothing out.
  cache.store(key(10), std::string(20000, 'x'));
  EXPECT_FALSE(cache.load(key(10)));
  EXPECT_TRUE(cache.load(key(9)));
  EXPECT_TRUE(warnings.empty());
}

TEST_F(DiskCacheTest, LeftoversOfStoppedWritersAreRemoved) {
  DiskCache cache = make();
  cache.store(key(1), "one");
  fs::path old = folder / (key(2) + ".77.0.tmp"), young = folder / (key(3) + ".77.0.tmp");
  std::ofstream(old) << "half";
  std::ofstream(young) << "half";
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  ::utimensat(AT_FDCWD, old.c_str(), times, 0);
  cache.store(key(4), "four");
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
}

TEST_F(DiskCacheTest, AStoppedWriterOfTheSameNumberIsNotInTheWay) {
  // The first process of every container is number 1.
  DiskCache cache = make();
  cache.store(key(1), "one");
  pid_t writer = ::fork();
  if (writer == 0) {
    // Its last write stopped half-way: the folder has a file of that name.
    for (int i = 0; i < 1000; ++i)
      std::ofstream(folder / (key(2) + "." + std::to_string(::getpid()) + "." + std::to_string(i) + ".tmp")) << "half";
    cache.store(key(2), "two");
    _exit(warnings.empty() ? 0 : 1);
  }
  int status;
  ASSERT_EQ(::waitpid(writer, &status, 0), writer);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(cache.load(key(2)), "two");
}

TEST_F(DiskCacheTest, ProcessesSeeWholeEntriesOrNone) {
  // Two processes write entries of one key over and over, another reads.
  std::vector<pid_t> writers;
  for (int writer = 0; writer < 2; ++writer) {
    pid_t child = ::fork();
    if (child == 0) {
      DiskCache cache = make();
      for (int i = 0; i < 100; ++i)
        cache.store(key(1), std::string(5000 + 3000 * writer, static_cast<char>('a' + writer)));
      _exit(warnings.empty() ? 0 : 1);
    }
    writers.push_back(child);
  }
  DiskCache cache = make();
  std::size_t seen = 0;
  for (int running = 2, status; running;) {
    if (::waitpid(-1, &status, WNOHANG) > 0) {
      EXPECT_EQ(status, 0);
      --running;
    }
    std::optional<std::string> bytes = cache.load(key(1));
    if (!bytes)
      continue;
    ++seen;
    ASSERT_TRUE(*bytes == std::string(5000, 'a') || *bytes == std::string(8000, 'b'));
  }
  EXPECT_GT(seen, 0u);
  EXPECT_TRUE(cache.load(key(1)));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  EXPECT_TRUE(warnings.empty());
}
