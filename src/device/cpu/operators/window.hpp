#pragma once

#include <furiosa/program/attributes.hpp>

#include <cstddef>
#include <oneapi/dnnl/dnnl.hpp>

namespace furiosa::device::cpu {

/// The window of a convolution or a pool, one number for each spatial axis, as oneDNN counts.
struct Window
{
    dnnl::memory::dims strides;
    dnnl::memory::dims dilations; ///< from zero; ONNX counts them from one
    dnnl::memory::dims begin;     ///< padding
    dnnl::memory::dims end;
};

/// Of the attributes of an operator. Throws dnnl::error for numbers that are out of range: oneDNN checks only
/// what is left of them as an int.
Window window_of(const program::Attributes& attributes, std::size_t axes);

/// The attribute "kernel_shape", in the same way.
dnnl::memory::dims kernel_of(const program::Attributes& attributes, std::size_t axes);

} // namespace furiosa::device::cpu
