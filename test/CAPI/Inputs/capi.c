/*===- capi.c - The C API, as a C99 program sees it -----------------*- C -*-===*\
|*                                                                            *|
|* Part of the tile project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "tile-c/tile.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char *what, int line) {
  if (holds)
    return;
  ++failures;
  printf("line %d: not so: %s; the last error: %s\n", line, what, tileErrorMessage());
}
#define EXPECT(condition) expect(condition, #condition, __LINE__)
#define EXPECT_OK(call) expect((call) == TILE_OK, #call, __LINE__)

/* A call fails with a status and a message that has a piece in it. */
static void expectError(TileStatus status, TileStatus want, const char *piece, const char *what, int line) {
  expect(status == want, what, line);
  if (!strstr(tileErrorMessage(), piece)) {
    ++failures;
    printf("line %d: no '%s' in: %s\n", line, piece, tileErrorMessage());
  }
}
#define EXPECT_ERROR(call, piece) expectError(call, TILE_ERROR, piece, #call, __LINE__)
#define EXPECT_INVALID(call, piece) expectError(call, TILE_INVALID_CALL, piece, #call, __LINE__)

static const char source[] = "kernel scale<BLOCK: int in {16, 32, 64} = 32>(x: T[N], s: T, y: out T[N])\n"
                             "    grid (cdiv(N, BLOCK))\n"
                             "{\n"
                             "    let i = program(0) * BLOCK;\n"
                             "    y[i +: BLOCK] = x[i +: BLOCK] * s;\n"
                             "}\n"
                             "kernel rows<STAGES: int in 1..=6 = auto>(x: f32[M, N], bias: f32[M]?, y: out f32[M])\n"
                             "    grid (M)\n"
                             "{\n"
                             "    let m = program(0);\n"
                             "    var acc = f32[64](0);\n"
                             "    for n in 0..N step 64, stages = STAGES {\n"
                             "        acc += x[m, n +: 64];\n"
                             "    }\n"
                             "    var total = sum(acc);\n"
                             "    static if bias {\n"
                             "        total += bias[m];\n"
                             "    }\n"
                             "    y[m] = total;\n"
                             "}\n"
                             "kernel few(x: f32[N], y: out f32[N]) grid (1) {\n"
                             "    assert(N < 3, \"too many\");\n"
                             "    y[0 +: 4] = x[0 +: 4];\n"
                             "}\n";

static TileDevice device;
static TileStream stream;
static TileProgram program;

static TileKernel kernel(const char *name) {
  TileKernel result = NULL;
  EXPECT_OK(tileKernelCreate(program, name, NULL, 0, NULL, &result));
  return result;
}

static void versions(void) {
  EXPECT(strcmp(tileVersion(), TILE_VERSION_STRING) == 0);
  EXPECT_OK(tileVersionCheck(TILE_VERSION_MAJOR, TILE_VERSION_MINOR));
  EXPECT_ERROR(tileVersionCheck(TILE_VERSION_MAJOR, TILE_VERSION_MINOR + 1), "runs with version " TILE_VERSION_STRING);
  EXPECT_ERROR(tileVersionCheck(TILE_VERSION_MAJOR + 1, 0), "runs with version");
}

static void types(void) {
  TileDType type;
  for (type = TILE_BOOL; type <= TILE_F8E5M2; ++type) {
    EXPECT(tileDTypeFromName(tileDTypeName(type)) == type);
    EXPECT(tileDTypeSize(type) > 0);
  }
  EXPECT(strcmp(tileDTypeName(TILE_BF16), "bf16") == 0);
  EXPECT(tileDTypeSize(TILE_BF16) == 2);
  EXPECT(tileDTypeSize(-1) == 0 && tileDTypeName(TILE_F8E5M2 + 1) == NULL);
  EXPECT(tileDTypeFromName("f31") == -1 && tileDTypeFromName(NULL) == -1);
}

static void devices(void) {
  TileDevice other = NULL, own = NULL, best = NULL;
  TileStream made = NULL;
  EXPECT(strcmp(tileDeviceName(device), "cpu") == 0);
  EXPECT(strstr(tileDeviceDescription(device), "processor") != NULL);
  EXPECT(strcmp(tileDeviceTarget(device), "cpu") == 0);
  EXPECT(tileDeviceContext(device) == NULL && tileStreamHandle(stream) == NULL);
  EXPECT(tileCudaDeviceCount() >= 0);
  EXPECT_INVALID(tileDeviceFromCudaContext(NULL, &other), "the context is NULL");
  EXPECT_INVALID(tileCudaSetDriver(NULL), "the path is NULL");
  EXPECT_OK(tileDeviceGetByName("cpu", &other));
  EXPECT(tileDeviceEqual(device, other));
  EXPECT_OK(tileDeviceCreateCpu(3, &own));
  EXPECT(!tileDeviceEqual(device, own) && !tileDeviceEqual(device, NULL));
  EXPECT_OK(tileDeviceGetBest(&best));
  EXPECT(best != NULL);
  tileDeviceRelease(other);
  tileDeviceRelease(own);
  tileDeviceRelease(best);
  other = NULL;
  EXPECT_ERROR(tileDeviceGetByName("abacus", &other), "error: no device 'abacus'");
  EXPECT(other == NULL);
  EXPECT_INVALID(tileDeviceGetByName(NULL, &other), "the name is NULL");
  EXPECT_INVALID(tileDeviceGetByName("cpu", NULL), "the result is NULL");
  EXPECT_ERROR(tileStreamFromHandle(device, NULL, &made), "'cpu'");
  EXPECT_INVALID(tileStreamCreate(NULL, &made), "the device is NULL");
  EXPECT_INVALID(tileStreamSynchronize(NULL), "the stream is NULL");
}

static void buffers(void) {
  TileBuffer buffer = NULL;
  float host[4] = {1, 2, 3, 4}, back[4] = {0};
  EXPECT_OK(tileBufferCreate(device, sizeof host, &buffer));
  EXPECT(tileBufferSize(buffer) == sizeof host && (uintptr_t)tileBufferData(buffer) % 64 == 0);
  EXPECT_OK(tileBufferUpload(buffer, host, sizeof host, 0));
  EXPECT_OK(tileBufferDownload(buffer, back, 8, 8));
  EXPECT(back[0] == 3 && back[1] == 4 && back[2] == 0);
  EXPECT_ERROR(tileBufferDownload(buffer, back, 8, 12), "do not fit into a buffer of 16 bytes");
  EXPECT_INVALID(tileBufferUpload(buffer, NULL, 8, 0), "the host's memory is NULL");
  tileBufferRelease(buffer);
  EXPECT_INVALID(tileBufferCreate(NULL, 4, &buffer), "the device is NULL");
  expectError(tileBufferCreate(device, SIZE_MAX / 4, &buffer), TILE_OUT_OF_MEMORY, "out of memory", "huge", __LINE__);
  EXPECT(tileBufferData(NULL) == NULL && tileBufferSize(NULL) == 0);
}

static void cache(void) {
  char *folder = NULL;
  EXPECT_OK(tileCacheSet("/nowhere/to/be", 1, 0));
  EXPECT_OK(tileCacheFolder(&folder));
  EXPECT(strcmp(folder, "/nowhere/to/be") == 0);
  tileStringRelease(folder);
  EXPECT_OK(tileCacheSet(NULL, 0, 0));
  EXPECT_OK(tileCacheFolder(&folder));
  EXPECT(strcmp(folder, "") == 0);
  tileStringRelease(folder);
  EXPECT_INVALID(tileCacheFolder(NULL), "the result is NULL");
}

static void programs(void) {
  TileProgram bad = NULL;
  TileDiagnostic diagnostic;
  const char broken[] = "kernel f(x: f32[N]) grid (1) {\n  let c = ;\n}\n";
  EXPECT(tileProgramKernelCount(program) == 3);
  EXPECT(strcmp(tileProgramKernelName(program, 1), "rows") == 0 && tileProgramKernelName(program, 3) == NULL);
  EXPECT_ERROR(tileProgramFromString(broken, strlen(broken), "bad.tile", &bad), "bad.tile:2:11: error: ");
  EXPECT(bad == NULL && tileErrorDiagnosticCount() >= 1);
  EXPECT_OK(tileErrorDiagnostic(0, &diagnostic));
  EXPECT(strcmp(diagnostic.file, "bad.tile") == 0 && diagnostic.line == 2 && diagnostic.column == 11);
  EXPECT(diagnostic.severity == TILE_SEVERITY_ERROR && strstr(tileErrorMessage(), diagnostic.message));
  EXPECT(strchr(tileErrorMessage(), '^') != NULL);
  EXPECT(tileErrorDiagnostic(tileErrorDiagnosticCount(), &diagnostic) == TILE_INVALID_CALL);
  EXPECT_ERROR(tileProgramFromFile("/nowhere/to/be.tile", &bad), "cannot read '/nowhere/to/be.tile'");
  EXPECT_INVALID(tileProgramFromFile(NULL, &bad), "the path is NULL");
  EXPECT_INVALID(tileProgramFromString(NULL, 3, NULL, &bad), "the source is NULL");
  EXPECT_OK(tileProgramFromString(NULL, 0, NULL, &bad));
  EXPECT(tileProgramKernelCount(bad) == 0);
  tileProgramRelease(bad);
}

static void parameters(void) {
  TileKernel made = NULL;
  TileParameter block = {"BLOCK", NULL, 64, TILE_PARAMETER_INTEGER};
  TileParameter stages = {"STAGES", "auto", 0, TILE_PARAMETER_TEXT};
  TileParameter twice[2];
  TileKernelOptions options = {.planFor = "z80"}, teams = {.teams = 3}, rows = {.groupRows = -1};
  EXPECT_OK(tileKernelCreate(program, "scale", &block, 1, NULL, &made));
  EXPECT(strcmp(tileKernelName(made), "scale") == 0);
  tileKernelRelease(made);
  EXPECT_OK(tileKernelCreate(program, "rows", &stages, 1, NULL, &made));
  tileKernelRelease(made);
  EXPECT_ERROR(tileKernelCreate(program, "skale", NULL, 0, NULL, &made), "no kernel 'skale'");
  EXPECT_ERROR(tileKernelCreate(program, "rows", &block, 1, NULL, &made), "BLOCK");
  EXPECT_ERROR(tileKernelCreate(program, "rows", NULL, 0, &options, &made), "no target 'z80'");
  EXPECT_ERROR(tileKernelCreate(program, "rows", NULL, 0, &teams, &made), "1 or 2 teams, not 3");
  EXPECT_ERROR(tileKernelCreate(program, "rows", NULL, 0, &rows, &made), "rows of programs, not -1");
  block.integer = 48;
  EXPECT_ERROR(tileKernelCreate(program, "scale", &block, 1, NULL, &made), "BLOCK");
  block.kind = TILE_PARAMETER_BOOL;
  EXPECT_ERROR(tileKernelCreate(program, "scale", &block, 1, NULL, &made), "BLOCK");
  block.kind = 7;
  EXPECT_INVALID(tileKernelCreate(program, "scale", &block, 1, NULL, &made), "parameter 'BLOCK' is of kind 7");
  stages.text = NULL;
  EXPECT_INVALID(tileKernelCreate(program, "rows", &stages, 1, NULL, &made), "the text of a parameter is NULL");
  block.kind = TILE_PARAMETER_INTEGER;
  twice[0] = twice[1] = block;
  EXPECT_INVALID(tileKernelCreate(program, "scale", twice, 2, NULL, &made), "'BLOCK' is given twice");
  EXPECT_INVALID(tileKernelCreate(program, "scale", NULL, 1, NULL, &made), "the array of parameters is NULL");
  EXPECT_INVALID(tileKernelCreate(NULL, "scale", NULL, 0, NULL, &made), "the program is NULL");
}

enum { count = 1001 };
static float x[count], y[count];

static int isScaled(float factor) {
  int i;
  for (i = 0; i < count; ++i)
    if (y[i] != factor * x[i])
      return 0;
  return 1;
}

static int told;
static int32_t tell(const char *text, void *data) {
  EXPECT(text[0] && data == &told);
  ++told;
  return 0;
}
static int32_t stop(const char *text, void *data) {
  (void)text;
  (void)data;
  return 1;
}

/** The block's size is open, and there are three. */
static void testTuning(TileDevice on, TileArgument *arguments) {
  TileParameter block = {"BLOCK", "auto", 0, TILE_PARAMETER_TEXT};
  TileTuneOptions options = {60, 2, 1, tell, &told};
  TileKernel open = NULL, given = kernel("scale");
  char *json = NULL;
  EXPECT_OK(tileKernelCreate(program, "scale", &block, 1, NULL, &open));
  y[0] = 77;
  EXPECT_OK(tileKernelTune(open, on, arguments, 3, &options, &json));
  EXPECT(strstr(json, "\"finished\": true") && strstr(json, "\"measured\": 3") && told > 2 && y[0] == 77);
  tileStringRelease(json);
  EXPECT_OK(tileKernelTune(open, on, arguments, 3, NULL, &json));
  tileStringRelease(json);
  options.progress = stop;
  EXPECT_OK(tileKernelTune(open, on, arguments, 3, &options, &json));
  EXPECT(strstr(json, "\"ended\": \"it was stopped\"") != NULL);
  tileStringRelease(json);
  EXPECT_ERROR(tileKernelTune(given, on, arguments, 3, NULL, &json), "leaves nothing open");
  options.seconds = -1;
  EXPECT_ERROR(tileKernelTune(open, on, arguments, 3, &options, &json), "seconds of 0 or more");
  EXPECT_INVALID(tileKernelTune(open, NULL, arguments, 3, NULL, &json), "the device is NULL");
  tileKernelRelease(open);
  tileKernelRelease(given);
}

static void launches(void) {
  TileKernel scale = kernel("scale");
  TilePrepared ready = NULL;
  TileCall call = NULL;
  const int64_t shape[] = {count};
  TileArgument arguments[3];
  char *text = NULL;
  int i;
  for (i = 0; i < count; ++i)
    x[i] = (float)i;
  arguments[0] = tileConstTensor(x, TILE_F32, 1, shape, NULL);
  arguments[1] = tileFloating(2);
  arguments[2] = tileTensor(y, TILE_F32, 1, shape, NULL);

  EXPECT_OK(tileKernelLaunch(scale, stream, arguments, 3));
  EXPECT_OK(tileStreamSynchronize(stream));
  EXPECT(isScaled(2));

  EXPECT_OK(tileKernelPrepare(scale, device, arguments, 3, &ready));
  arguments[1] = tileInteger(3);
  EXPECT_OK(tilePreparedLaunch(ready, stream, arguments, 3));
  EXPECT_OK(tileStreamSynchronize(stream));
  EXPECT(isScaled(3));

  arguments[1] = tileFloating(0.5);
  {
    /* The call has its own copy of the shape. */
    int64_t passing[] = {count};
    arguments[0].shape = passing;
    EXPECT_OK(tileCallCreate(ready, arguments, 3, &call));
    passing[0] = -1;
    arguments[0].shape = shape;
  }
  tileKernelRelease(scale);
  EXPECT_OK(tileCallLaunch(call, stream));
  EXPECT_OK(tileCallLaunch(call, stream));
  EXPECT_OK(tileStreamSynchronize(stream));
  EXPECT(isScaled(0.5f));
  EXPECT_INVALID(tileCallLaunch(call, NULL), "the stream is NULL");
  tileCallRelease(call);

  EXPECT_OK(tilePreparedReport(ready, TILE_REPORT_TEXT, &text));
  EXPECT(strstr(text, "kernel scale <BLOCK = 32> on cpu") == text);
  tileStringRelease(text);
  EXPECT_OK(tilePreparedReport(ready, TILE_REPORT_JSON, &text));
  EXPECT(text[0] == '{' && strstr(text, "\"kernel\": \"scale\""));
  tileStringRelease(text);
  EXPECT_OK(tilePreparedReport(ready, TILE_REPORT_SCHEDULE, &text));
  tileStringRelease(text);
  EXPECT_INVALID(tilePreparedReport(ready, 3, &text), "no report of format 3");

  arguments[1] = tileFloating(2);
  testTuning(device, arguments);

  arguments[0].shape = NULL;
  EXPECT_INVALID(tilePreparedLaunch(ready, stream, arguments, 3), "argument 0 has no shape");
  arguments[0].shape = shape;
  arguments[0].rank = -1;
  EXPECT_INVALID(tilePreparedLaunch(ready, stream, arguments, 3), "argument 0 has -1 axes");
  arguments[0].rank = 1;
  arguments[0].type = 99;
  EXPECT_INVALID(tilePreparedLaunch(ready, stream, arguments, 3), "argument 0 is of type 99");
  arguments[0].type = TILE_F32;
  arguments[1].kind = 5;
  EXPECT_INVALID(tilePreparedLaunch(ready, stream, arguments, 3), "argument 1 is of kind 5");
  EXPECT_INVALID(tilePreparedLaunch(ready, stream, NULL, 3), "the array of arguments is NULL");
  tilePreparedRelease(ready);
}

static void viewsAndScalars(void) {
  TileKernel rows = kernel("rows"), scale = kernel("scale");
  float memory[12], sums[4];
  const int64_t shape[] = {4, 3}, columns[] = {1, 4}, four[] = {4};
  uint8_t bytes[4] = {1, 2, 3, 4}, scaled[4];
  uint16_t half[4] = {0x3c00, 0x4000, 0, 0}, halved[4];
  TileArgument arguments[3], numbers[3];
  int i;
  for (i = 0; i < 12; ++i)
    memory[i] = (float)i;
  /* The columns of a matrix of 3 rows, 4 columns. */
  arguments[0] = tileTensor(memory, TILE_F32, 2, shape, columns);
  arguments[1] = tileAbsent();
  arguments[2] = tileTensor(sums, TILE_F32, 1, four, NULL);
  EXPECT_OK(tileKernelLaunch(rows, stream, arguments, 3));
  EXPECT(sums[0] == 12 && sums[1] == 15 && sums[2] == 18 && sums[3] == 21);
  arguments[1] = tileTensor(memory, TILE_F32, 1, four, NULL);
  EXPECT_OK(tileKernelLaunch(rows, stream, arguments, 3));
  EXPECT(sums[0] == 12 && sums[3] == 24);

  numbers[0] = tileTensor(bytes, TILE_U8, 1, four, NULL);
  numbers[1] = tileInteger(60);
  numbers[2] = tileTensor(scaled, TILE_U8, 1, four, NULL);
  EXPECT_OK(tileKernelLaunch(scale, stream, numbers, 3));
  EXPECT(scaled[3] == 240);
  numbers[1].integer = 256;
  EXPECT_ERROR(tileKernelLaunch(scale, stream, numbers, 3), "argument 's' is of type u8, which has no value 256");
  numbers[1].type = TILE_I8;
  EXPECT_INVALID(tileKernelLaunch(scale, stream, numbers, 3), "argument 1 is of type i8, which has no value 256");
  numbers[1] = tileBool(1);
  EXPECT_ERROR(tileKernelLaunch(scale, stream, numbers, 3), "value of type bool");
  numbers[0] = tileTensor(half, TILE_F16, 1, four, NULL);
  numbers[1] = tileFloating(0.5);
  numbers[1].type = TILE_F16;
  numbers[2] = tileTensor(halved, TILE_F16, 1, four, NULL);
  EXPECT_OK(tileKernelLaunch(scale, stream, numbers, 3));
  EXPECT(halved[0] == 0x3800 && halved[1] == 0x3c00);

  /* What a launch refuses. */
  numbers[2] = tileConstTensor(halved, TILE_F16, 1, four, NULL);
  EXPECT_ERROR(tileKernelLaunch(scale, stream, numbers, 3), "argument 'y' is written");
  EXPECT_ERROR(tileKernelLaunch(scale, stream, numbers, 2), "3 arguments");
  arguments[0].rank = 1;
  EXPECT_ERROR(tileKernelLaunch(rows, stream, arguments, 3), "'x'");
  arguments[0].rank = 2;
  arguments[0].type = TILE_I32;
  EXPECT_ERROR(tileKernelLaunch(rows, stream, arguments, 3), "i32");
  arguments[0].type = TILE_F32;
  arguments[0].data = NULL;
  EXPECT_ERROR(tileKernelLaunch(rows, stream, arguments, 3), "null pointer");
  tileKernelRelease(rows);
  tileKernelRelease(scale);
}

static void failedAssertions(void) {
  TileKernel few = NULL;
  TileKernelOptions options = {.checked = 1};
  const int64_t shape[] = {3};
  TileArgument arguments[2];
  arguments[0] = tileTensor(x, TILE_F32, 1, shape, NULL);
  arguments[1] = tileTensor(y, TILE_F32, 1, shape, NULL);
  EXPECT_OK(tileKernelCreate(program, "few", NULL, 0, &options, &few));
  EXPECT_ERROR(tileKernelLaunch(few, stream, arguments, 2), "too many");
  EXPECT_OK(tileStreamSynchronize(stream));
  tileKernelRelease(few);
}

static void *failElsewhere(void *unused) {
  TileDevice other = NULL;
  (void)unused;
  EXPECT(strcmp(tileErrorMessage(), "") == 0);
  EXPECT_ERROR(tileDeviceGetByName("elsewhere", &other), "'elsewhere'");
  return NULL;
}

static void errorsBelongToTheirThread(void) {
  pthread_t thread;
  TileDevice other = NULL;
  EXPECT_ERROR(tileDeviceGetByName("here", &other), "'here'");
  EXPECT(pthread_create(&thread, NULL, failElsewhere, NULL) == 0);
  pthread_join(thread, NULL);
  EXPECT(strstr(tileErrorMessage(), "'here'") != NULL);
}

int main(int argc, char **argv) {
  EXPECT(strcmp(tileErrorMessage(), "") == 0 && tileErrorDiagnosticCount() == 0);
  EXPECT_OK(tileDeviceGetByName("cpu", &device));
  EXPECT_OK(tileStreamCreate(device, &stream));
  EXPECT_OK(tileProgramFromString(source, strlen(source), "test.tile", &program));
  versions();
  types();
  devices();
  buffers();
  cache();
  programs();
  parameters();
  launches();
  viewsAndScalars();
  failedAssertions();
  errorsBelongToTheirThread();
  tileProgramRelease(program);
  tileStreamRelease(stream);
  tileDeviceRelease(device);
  tileDeviceRelease(NULL);

  /* A file that is named on the command line. */
  if (argc > 1) {
    EXPECT_OK(tileProgramFromFile(argv[1], &program));
    printf("first kernel: %s\n", tileProgramKernelName(program, 0));
    tileProgramRelease(program);
  }
  printf("%d failures\n", failures);
  return failures != 0;
}
