#pragma once

#include <furiosa/operators/operation.hpp>

#include <cstdint>
#include <vector>

namespace furiosa::operators {

/// The sliding window of a convolution or a pool, along each spatial axis, with all defaults filled in.
struct Window
{
    std::vector<std::int64_t> kernel;
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> dilations;
    std::vector<std::int64_t> pads_begin;
    std::vector<std::int64_t> pads_end;
    std::vector<std::int64_t> output; ///< extents
};

/// Reads kernel_shape, strides, dilations, pads, auto_pad and ceil_mode of a node as the ONNX operators Conv,
/// MaxPool and AveragePool define them. `kernel` is the default of kernel_shape.
Window window_of(const Operation& operation, const Shape& input, std::vector<std::int64_t> kernel);

} // namespace furiosa::operators
