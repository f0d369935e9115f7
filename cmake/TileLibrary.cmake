# How the project's libraries and tools are declared.
#
# Every folder of lib/ is one static library. `libtile.so` (lib/Runtime) is made of all of them; tools and unit tests link what
# they need. LLVM and MLIR come as two shared libraries in development and as static archives, inside libtile.so, in the portable
# build; the choice is hidden behind the interface target `tile_llvm`.

option(TILE_PORTABLE "Put LLVM into libtile.so and the tools' code with it, for machines that have no LLVM" OFF)

# LLVM's headers as system headers: no warnings from them, and clang-tidy is three times faster.
add_library(tile_llvm INTERFACE)
target_include_directories(tile_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_compile_definitions(tile_llvm INTERFACE ${LLVM_DEFINITIONS_LIST})
if(TILE_PORTABLE)
  # All archives by their paths, not by their targets: Debian's exported static targets drag in the shared LLVM and MLIR as well.
  # The linker takes the members that something refers to and drops the unused sections.
  file(GLOB tile_llvm_archives ${LLVM_LIBRARY_DIR}/libMLIR*.a ${LLVM_LIBRARY_DIR}/libLLVM*.a)
  find_library(TILE_ZSTD libzstd.a REQUIRED)
  find_library(TILE_ZLIB libz.a REQUIRED)
  target_link_libraries(tile_llvm INTERFACE ${tile_llvm_archives} ${TILE_ZSTD} ${TILE_ZLIB})
else()
  target_link_libraries(tile_llvm INTERFACE MLIR LLVM)
endif()

# One precompiled header of what almost every file of the compiler includes.
file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp.tmp "// The precompiled header's owner.\n")
file(COPY_FILE ${PROJECT_BINARY_DIR}/pch.cpp.tmp ${PROJECT_BINARY_DIR}/pch.cpp ONLY_IF_DIFFERENT)
add_library(tile_pch OBJECT ${PROJECT_BINARY_DIR}/pch.cpp)
target_link_libraries(tile_pch PRIVATE tile_llvm)
target_precompile_headers(tile_pch PRIVATE
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/IR/Builders.h>
  <mlir/IR/BuiltinTypes.h>
  <mlir/IR/IRMapping.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Pass/Pass.h>
  <mlir/Pass/PassManager.h>
  <llvm/ADT/TypeSwitch.h>
  <algorithm> <functional> <map> <memory> <optional> <string> <vector>)

# tile_use_pch(target): for targets that link the compiler's libraries. Programs are compiled as the libraries are, with -fPIC:
# clang takes no precompiled header across the difference to -fPIE.
function(tile_use_pch target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM tile_pch)
endfunction()

# tile_add_library(name SOURCES... [LINK libraries...])
function(tile_add_library name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  target_link_libraries(${name} PUBLIC ${arg_LINK} tile_llvm)
  tile_use_pch(${name})
endfunction()

# tile_tablegen(target TDFILE.td gen-flag output ...): runs mlir-tblgen on include/tile/<current folder>/TDFILE.td.
function(tile_tablegen target td)
  set(outputs)
  set(rest ${ARGN})
  while(rest)
    list(POP_FRONT rest flags output)
    string(REPLACE " " ";" flags "${flags}")
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${output})
    add_custom_command(OUTPUT ${out}
      COMMAND mlir-tblgen ${flags} ${CMAKE_CURRENT_SOURCE_DIR}/${td}
              -I ${PROJECT_SOURCE_DIR}/include -I ${MLIR_INCLUDE_DIRS}
              --write-if-changed -o ${out} -d ${out}.d
      DEPFILE ${out}.d
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${td}
      COMMENT "Generating ${output}")
    list(APPEND outputs ${out})
  endwhile()
  add_custom_target(${target} DEPENDS ${outputs})
  add_dependencies(tile_pch ${target})
endfunction()

# tile_link_whole(target libraries...): links all that is in some static libraries, whether something refers to it or not. CMake's
# own WHOLE_ARCHIVE refuses a library that is also linked the usual way, by another one.
function(tile_link_whole target)
  foreach(library ${ARGN})
    target_link_options(${target} PRIVATE "LINKER:--whole-archive,$<TARGET_FILE:${library}>,--no-whole-archive")
    target_link_libraries(${target} PRIVATE ${library})
  endforeach()
endfunction()

# tile_add_shared_library(name LINK libraries...): the library for users, of everything in `libraries` that is declared
# TILE_API. Whatever else is inside, LLVM included, stays invisible.
function(tile_add_shared_library name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  set(empty ${CMAKE_CURRENT_BINARY_DIR}/${name}-empty.cpp)
  file(CONFIGURE OUTPUT ${empty} CONTENT "// All of the library comes from archives.\n")
  add_library(${name} SHARED ${empty})
  set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_compile_features(${name} INTERFACE cxx_std_20)
  tile_link_whole(${name} ${arg_LINK})
  set(exports ${PROJECT_SOURCE_DIR}/cmake/exports.map)
  target_link_options(${name} PRIVATE -Wl,--version-script=${exports} -Wl,-z,defs -Wl,--gc-sections)
  if(TILE_PORTABLE)
    target_link_options(${name} PRIVATE -Wl,--icf=all -Wl,--strip-all)
  endif()
  set_target_properties(${name} PROPERTIES LINK_DEPENDS ${exports})
  add_library(tile::${name} ALIAS ${name})
endfunction()

# All tools and examples.
add_custom_target(tile_programs)

# tile_add_tool(name SOURCES... [LINK libraries...])
#
# A program whose work is a function of SOURCES, `extern "C" TILE_API`, named as the tool with underscores and `_main`. The
# portable build puts that function into libtile.so, with the one copy of LLVM, and the program is nothing but the call.
function(tile_add_tool name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  string(REPLACE "-" "_" entry ${name}_main)
  set(main ${CMAKE_CURRENT_BINARY_DIR}/${name}-main.cpp)
  file(CONFIGURE OUTPUT ${main} CONTENT
    "extern \"C\" int ${entry}(int, char **);\nint main(int argc, char **argv) { return ${entry}(argc, argv); }\n")
  if(TILE_PORTABLE)
    tile_add_library(${name}-code ${arg_UNPARSED_ARGUMENTS} LINK ${arg_LINK})
    tile_link_whole(tile ${name}-code)
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE tile)
    target_link_options(${name} PRIVATE -Wl,--strip-all)
  else()
    add_executable(${name} ${main} ${arg_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
    target_link_libraries(${name} PRIVATE ${arg_LINK} tile_llvm)
    tile_use_pch(${name})
    set_source_files_properties(${main} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endif()
  set_target_properties(${name} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  install(TARGETS ${name} RUNTIME)
  add_dependencies(tile_programs ${name})
endfunction()
