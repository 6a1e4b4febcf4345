# Every library that furiosa builds on. Debian 12 has them all: cmake/packages.txt.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(simdjson REQUIRED)

# The program file: headers and a generator of them, nothing to link.
find_program(FURIOSA_FLATC flatc REQUIRED)

if(FURIOSA_WITH_ONNX)
  find_package(Protobuf REQUIRED)
  find_path(ONNX_INCLUDE_DIR onnx/onnx_pb.h REQUIRED)
  find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
endif()

if(FURIOSA_WITH_CPU)
  # oneDNN's own package file asks for an OpenCL SDK that its CPU engine does not need.
  find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp REQUIRED)
  find_library(DNNL_LIBRARY dnnl REQUIRED)
  find_package(OpenMP REQUIRED COMPONENTS CXX)
endif()

if(FURIOSA_WITH_OPENCV)
  # Debian's package file of OpenCV comes with the whole of it; three of its libraries are enough here.
  find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp REQUIRED PATH_SUFFIXES opencv4)
  find_library(OPENCV_CORE_LIBRARY opencv_core REQUIRED)
  find_library(OPENCV_IMGPROC_LIBRARY opencv_imgproc REQUIRED)
  find_library(OPENCV_IMGCODECS_LIBRARY opencv_imgcodecs REQUIRED)
endif()
