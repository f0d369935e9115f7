//===- ReportPageTest.cpp - The page of a benchmark's result -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs/matmul.json is made up, of numbers that are easy to tell apart.
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/ReportPage.h"

#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include <gtest/gtest.h>

using namespace tile;
using llvm::StringRef;
using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

static std::string pageOf(const Object &document) {
  std::string page;
  llvm::raw_string_ostream os(page);
  tuning::writeReport(document, os);
  return page;
}

static Value matmul() {
  auto buffer = llvm::MemoryBuffer::getFile(INPUTS "/matmul.json");
  EXPECT_TRUE(buffer) << INPUTS;
  llvm::Expected<Value> document = llvm::json::parse((*buffer)->getBuffer());
  EXPECT_TRUE(static_cast<bool>(document));
  return std::move(*document);
}

static void expectAll(const std::string &page, std::initializer_list<StringRef> words) {
  for (StringRef word : words)
    EXPECT_TRUE(StringRef(page).contains(word)) << word.str();
}

static void expectNone(const std::string &page, std::initializer_list<StringRef> words) {
  for (StringRef word : words)
    EXPECT_FALSE(StringRef(page).contains(word)) << word.str();
}

TEST(ReportPage, SaysWhatTheDocumentSays) {
  Value document = matmul();
  std::string page = pageOf(*document.getAsObject());
  expectAll(page, {"<h1>matmul on Example GPU</h1>", "Use 3 stages: the kernel is bound by arithmetic",
                   "K = 4096, M = 4096, N = 4096", "tile-bench matmul.tile --kernel matmul", "422 TFLOP/s", "1.97 ×",
                   "knee: 3 stages", "balance 295", "does not fit: 7 stages take 114688 bytes of buffers",
                   "(shared memory)", "+ 16 B spilled", "3 (auto)", "<summary>planned</summary>",
                   "BK = 64, BM = 128, BN = 128", "class=\"chosen\""});
  // In the order in which they come about, and closed.
  EXPECT_LT(page.find("<summary>tile</summary>"), page.find("<summary>planned</summary>"));
  expectNone(page, {"<details open", "<script", "null"});
}

TEST(ReportPage, NeedsNothingElse) {
  Value document = matmul();
  std::string page = pageOf(*document.getAsObject());
  expectNone(page, {"src=\"http", "href=\"http", "url(", "@import"});
  expectAll(page, {"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tile-schedule\"", "prefers-color-scheme: dark",
                   "@media print"});
}

TEST(ReportPage, DrawsWhatThereIs) {
  // Of a processor there are no registers, of an unknown machine no roofline, and without rows nothing at all.
  std::string page = pageOf(Object{});
  expectAll(page, {"<h1>A kernel</h1>", "Nothing was measured"});
  expectNone(page, {"<svg", "<table", "<details"});

  page = pageOf(Object{{"kernel", "add"},
                       {"device", Object{{"name", "cpu"}, {"peak_tflops", nullptr}}},
                       {"rows", Array{Object{{"parameters", Object{{"BLOCK", 64}}},
                                             {"stages", 1},
                                             {"status", "ok"},
                                             {"median_ms", 0.5},
                                             {"gbs", 20.5},
                                             {"registers", nullptr}},
                                      Object{{"stages", "two"}, {"status", 7}}, 3}},
                       {"verdict", Object{{"bound", nullptr}, {"text", "one row"}}}});
  expectAll(page, {"Throughput against stages", "GB/s", "500 µs", "20.5", "not measured"});
  expectNone(page, {"Roofline", "Registers", "occupancy", "The schedule", "null", "NaN", "nan"});
}

TEST(ReportPage, IsNotMovedByNumbersThatAreNone) {
  for (double odd : {0.0, -1.0, 1e300, 1e-300, 1e24, 1e-24}) {
    std::string page = pageOf(Object{{"device", Object{{"peak_tflops", odd}, {"peak_gbs", odd}}},
                                     {"work", Object{{"intensity", odd}}},
                                     {"verdict", Object{{"knee", odd}, {"recommended", odd}}},
                                     {"rows", Array{Object{{"stages", odd},
                                                           {"status", "ok"},
                                                           {"median_ms", odd},
                                                           {"low_ms", odd},
                                                           {"high_ms", odd},
                                                           {"tflops", odd},
                                                           {"gbs", odd},
                                                           {"predicted_ms", odd},
                                                           {"registers", odd},
                                                           {"occupancy", odd}}}}});
    expectNone(page, {"\"nan", "\"-nan", "\"inf", "\"-inf"});
  }
}

TEST(ReportPage, MakesNoMarkupOfText) {
  const char *text = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&";
  Object parameters, phases;
  parameters[text] = text;
  phases[text] = text;
  std::string page = pageOf(Object{{"kernel", text},
                                   {"source", text},
                                   {"command", text},
                                   {"date", text},
                                   {"device", Object{{"name", text}, {"target", text}}},
                                   {"shape", Object{{text, text}}},
                                   {"dtypes", Object{{text, text}}},
                                   {"verdict", Object{{"bound", text}, {"how", text}, {"text", text}}},
                                   {"rows", Array{Object{{"parameters", Value(std::move(parameters))},
                                                         {"stages", 2},
                                                         {"status", "ok"},
                                                         {"median_ms", 1},
                                                         {"gbs", 1},
                                                         {"occupancy", 1},
                                                         {"limiter", text}},
                                                  Object{{"stages", 3}, {"status", text}, {"reason", text}}}},
                                   {"phases", Value(std::move(phases))}});
  expectNone(page, {"<script", "<img", "</style></title>"});
  expectAll(page, {"&lt;script&gt;alert(1)&lt;/script&gt;"});
}

TEST(ReportPage, ShowsAForeignPictureAsAPicture) {
  const StringRef shape = "<rect x=\"1\" y=\"1\" width=\"2\" height=\"2\"/>";
  auto page = [&](const std::string &inner, const std::string &attributes = "") {
    return pageOf(
        Object{{"schedule_svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attributes + ">" + inner + "</svg>"}});
  };
  expectAll(page(shape.str()), {shape});
  for (std::string inner :
       {"<script>alert(1)</script>", "<a href=\"x\">x</a>", "<image href=\"x\"/>", "<rect onclick=\"alert(1)\"/>",
        "<style>@import 'x';</style>", "<style>.a { fill: url(x); }</style>", "</svg><p>", "<rect x=\"1\"",
        "<!-- x -->", "<foreignObject/>", "<g>", "<g style=\"position: fixed\"/>"}) {
    std::string shown = page(inner);
    expectAll(shown, {"<img alt=\"The planned schedule\" src=\"data:image/svg+xml;base64,"});
    expectNone(shown, {StringRef(inner)});
  }
  expectNone(page(shape.str(), " onload=\"alert(1)\""), {"onload"});
  expectAll(pageOf(Object{{"schedule_svg", "<p>no picture</p>"}}), {"<img"});
}
