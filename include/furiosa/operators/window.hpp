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

/// Reads strides, dilations, pads, output_padding, output_shape and auto_pad of a ConvTranspose. Its window slides
/// over the output and stands at one place for each element of the input:
///
///     output = strides * (input - 1) + dilations * (kernel - 1) + 1 - pads_begin - pads_end
///
/// pads_end is negative where output_padding or output_shape ask for more than the windows reach. The extents are
/// not checked: they may be negative.
Window transposed_window_of(const Operation& operation, const Shape& input, const Shape& weights);

} // namespace furiosa::operators
