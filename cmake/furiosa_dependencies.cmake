# What the library links: read by its own build and by the installed package. Debian 12 has it all: packages.txt.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(simdjson REQUIRED)

# A library without a package file, or with one that asks for more than is needed, as a target.
function(furiosa_find_library target header library)
  if(TARGET ${target})
    return()
  endif()
  find_path(${library}_INCLUDE_DIR ${header} REQUIRED PATH_SUFFIXES ${ARGN})
  find_library(${library}_LIBRARY ${library} REQUIRED)
  mark_as_advanced(${library}_INCLUDE_DIR ${library}_LIBRARY)
  add_library(${target} UNKNOWN IMPORTED)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${${library}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${${library}_INCLUDE_DIR})
endfunction()

if(FURIOSA_WITH_ONNX)
  find_package(Protobuf REQUIRED)
  furiosa_find_library(furiosa::onnx_proto onnx/onnx_pb.h onnx_proto)
  furiosa_find_library(furiosa::yaml yaml.h yaml)
endif()

if(FURIOSA_WITH_CPU)
  # oneDNN's own package file asks for an OpenCL SDK that its CPU engine does not need.
  furiosa_find_library(furiosa::dnnl oneapi/dnnl/dnnl.hpp dnnl)
endif()
