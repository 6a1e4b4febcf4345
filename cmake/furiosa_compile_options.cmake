# Warnings, sanitizers and the compiler cache: what every target of this project is built with.
# None of it is exported to users.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  if(FURIOSA_PRECOMPILE_HEADERS)
    # What ccache asks for, to keep what is built with a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  endif()
endif()

if(FURIOSA_PRECOMPILE_HEADERS AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Else no two precompiled headers are the same, and ccache finds nothing that was built with one.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

# As target_precompile_headers: (<target> PRIVATE <header>…) or (<target> REUSE_FROM <other target>).
function(furiosa_precompile_headers target)
  if(FURIOSA_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} ${ARGN})
  endif()
endfunction()

add_library(furiosa_compile_options INTERFACE)
target_compile_options(furiosa_compile_options INTERFACE -Wall -Wextra -Wpedantic)
if(FURIOSA_WARNINGS_AS_ERRORS)
  target_compile_options(furiosa_compile_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports coroutine frames and inlined std::string code that its own optimiser made.
  target_compile_options(furiosa_compile_options INTERFACE
    -Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-restrict -Wno-dangling-pointer)
endif()

if(FURIOSA_SANITIZER STREQUAL "address")
  set(sanitizer_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(FURIOSA_SANITIZER STREQUAL "thread")
  # Asio's full fences have no meaning to ThreadSanitizer; its own synchronisation does not rest on them.
  set(sanitizer_flags -fsanitize=thread -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(furiosa_compile_options INTERFACE -Wno-tsan)
  endif()
elseif(FURIOSA_SANITIZER)
  message(FATAL_ERROR "FURIOSA_SANITIZER is '${FURIOSA_SANITIZER}'; it takes address or thread")
endif()
if(FURIOSA_BUILD_FUZZERS)
  # So that libFuzzer sees which branches of the library an input takes.
  list(APPEND sanitizer_flags -fsanitize=fuzzer-no-link)
endif()
if(FURIOSA_SANITIZER)
  # For the whole tree, so that no object file goes without.
  add_compile_options(${sanitizer_flags})
  add_link_options(${sanitizer_flags})
  add_compile_definitions(FURIOSA_SANITIZED=1)
endif()
