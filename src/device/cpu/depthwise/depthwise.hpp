#pragma once

#include "device/cpu/image.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace furiosa::device::cpu {

// Convolutions of each channel for itself: as many groups as there are channels, in and out.

struct DepthwiseShape
{
    std::int64_t images = 1;
    std::int64_t channels = 0;
    std::int64_t in_height = 0;
    std::int64_t in_width = 0;
    std::int64_t out_height = 0;
    std::int64_t out_width = 0;
    std::int64_t kernel_height = 0;
    std::int64_t kernel_width = 0;
    std::int64_t stride_y = 1;
    std::int64_t stride_x = 1;
    std::int64_t dilation_y = 1;
    std::int64_t dilation_x = 1;
    std::int64_t pad_top = 0;
    std::int64_t pad_left = 0;
    PixelStrides source;
    PixelStrides destination;
    PixelStrides residual;
    FusedActivation activation;
};

/// Does this machine have what the kernels are written for (AVX-512)?
bool has_depthwise() noexcept;

std::size_t depthwise_weights_size(std::int64_t channels, std::int64_t kernel_size);

/// Packs weights [channel][kernel].
std::vector<float> pack_depthwise_weights(std::int64_t channels, std::int64_t kernel_size,
                                          std::span<const float> weights);

void run_depthwise(const DepthwiseShape& shape, const ImageTensors& tensors, int threads);

} // namespace furiosa::device::cpu
