#pragma once

#include "device/cpu/depthwise/depthwise.hpp"

namespace furiosa::device::cpu {

/// Computes some rows of the output, counted over images. Packed weights are [tap][channel], whole vectors
/// of 16.
using DepthwiseKernel = void (*)(const DepthwiseShape& shape, const ImageTensors& tensors,
                                 std::int64_t first_row, std::int64_t last_row);

/// Null where the processor lacks AVX-512.
DepthwiseKernel depthwise_kernel() noexcept;

} // namespace furiosa::device::cpu
