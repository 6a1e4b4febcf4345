#pragma once

#include "device/cpu/pointwise/pointwise.hpp"

namespace furiosa::device::cpu {

/// Packed weights hold columns of as many output channels together: [panel][input channel][output channel of
/// the panel]. The last panel is as wide as whole vectors of 16 need.
inline constexpr std::int64_t pointwise_panel = 32;
/// Pixels that the inner loop works on together.
inline constexpr std::int64_t pointwise_rows = 12;

/// Some pixels one behind the other: where each matrix begins for them, and how far apart its rows are.
struct PointwiseRows
{
    std::int64_t count = 0;
    const float* source = nullptr;
    std::ptrdiff_t source_step = 0;
    const float* residual = nullptr; ///< or null
    std::ptrdiff_t residual_step = 0;
    float* destination = nullptr;
    std::ptrdiff_t destination_step = 0;
};

/// Computes the channels of some panels for some rows.
using PointwiseKernel = void (*)(const PointwiseShape& shape, const ImageTensors& tensors,
                                 const PointwiseRows& rows, std::int64_t first_panel,
                                 std::int64_t last_panel);

/// Null where the processor lacks AVX-512.
PointwiseKernel pointwise_kernel() noexcept;

} // namespace furiosa::device::cpu
