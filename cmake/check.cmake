# cmake -P cmake/check.cmake
#
# The whole test suite: installs what is missing, then
#   release   g++, warnings are errors: every test and example, and a short round of every benchmark
#   asan      clang, AddressSanitizer and UndefinedBehaviorSanitizer, warnings are errors: every test
#   fuzz      libFuzzer, in the same build: every target for a while
#   tsan      ThreadSanitizer: the tests of the rooms that have threads
# A step that fails does not keep the others from running. The last line counts; the exit code is 0 if nothing failed.
# To run some of them: cmake -D steps="release;asan" -P cmake/check.cmake

cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/packages.cmake)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH source)
if(NOT steps)
  set(steps release asan fuzz tsan)
endif()
set(thread_rooms core http store registry model download device nux session)

set(passed 0)
set(failed "")

# Runs a command of a step; its name is counted.
macro(check name)
  message(STATUS "== ${name}")
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${source} RESULT_VARIABLE result)
  if(result EQUAL 0)
    math(EXPR passed "${passed} + 1")
  else()
    message(STATUS "== ${name} FAILED (${result})")
    list(APPEND failed ${name})
  endif()
endmacro()

# Further arguments go to the build.
macro(check_build preset)
  check("${preset}: configure" ${CMAKE_COMMAND} --preset ${preset})
  check("${preset}: build" ${CMAKE_COMMAND} --build --preset ${preset} ${ARGN})
endmacro()

message(STATUS "packages")
furiosa_install_packages(build core onnx cpu program vision tools test check)
cmake_host_system_information(RESULT processors QUERY NUMBER_OF_LOGICAL_CORES)

if("release" IN_LIST steps)
  check_build(release)
  check("release: tests" ctest --preset release -j ${processors})
  check("release: benchmarks" bash bench/run.sh --short build/release/bin)
endif()
if("asan" IN_LIST steps OR "fuzz" IN_LIST steps)
  check_build(asan)
endif()
if("asan" IN_LIST steps)
  check("asan: tests" ctest --preset asan -j ${processors})
endif()
if("fuzz" IN_LIST steps)
  check("fuzz: targets" ctest --preset fuzz -j ${processors})
endif()
if("tsan" IN_LIST steps)
  list(TRANSFORM thread_rooms PREPEND test_ OUTPUT_VARIABLE thread_tests)
  list(JOIN thread_rooms "|" labels)
  check_build(tsan --target ${thread_tests})
  check("tsan: tests" ctest --preset tsan -j ${processors} -L "^(${labels})$")
endif()

list(LENGTH failed failures)
if(failed)
  string(REPLACE ";" ", " names "${failed}")
  message(SEND_ERROR "failed: ${names}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${passed} passed, ${failures} failed")
