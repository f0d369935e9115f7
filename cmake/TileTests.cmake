# How tests are declared. test/lit.cfg.py finds the lit tests by itself; GoogleTest programs are built here.
#
# `check-lit` runs everything that lit knows: the FileCheck tests, the unit tests and the numeric suite. `utils/check` runs that
# and the rest (style, the consumer project), and counts.

find_package(GTest REQUIRED)

add_custom_target(tile_tests COMMENT "Building the test programs")
set_property(TARGET tile_tests PROPERTY EXCLUDE_FROM_ALL OFF)

# tile_add_unit_test(NameTests SOURCES... [LINK libraries...] [NO_PCH])
#
# One GoogleTest program, built beside its source's folder in the build tree. Its name ends in `Tests`, which is how lit knows
# it. NO_PCH is for programs that see the public headers only.
function(tile_add_unit_test name)
  cmake_parse_arguments(arg "NO_PCH" "" "LINK" ${ARGN})
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "unit test '${name}': the name must end in 'Tests'")
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gtest_main)
  if(NOT arg_NO_PCH)
    tile_use_pch(${name})
  endif()
  add_dependencies(tile_tests ${name})
endfunction()
