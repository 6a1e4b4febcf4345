#pragma once

#include "device/cpu/image.hpp"
#include "device/cpu/team.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace furiosa::device::cpu {

// Convolutions of 1 x 1: the product of a matrix that has a row for each pixel with the weights. Other than
// oneDNN's, these take the same packed weights however many threads there are, and write into a part of the
// channels.

struct PointwiseShape
{
    std::int64_t images = 1;
    std::int64_t height = 0; ///< of the output
    std::int64_t width = 0;
    std::int64_t in_channels = 0;
    std::int64_t out_channels = 0;
    PixelStrides source; ///< between the pixels that are looked at
    PixelStrides destination;
    PixelStrides residual;
    FusedActivation activation;
};

/// Does this machine have what the kernels are written for (AVX-512)?
bool has_pointwise() noexcept;

std::size_t pointwise_weights_size(std::int64_t in_channels, std::int64_t out_channels);

/// Packs weights [out][in].
std::vector<float> pack_pointwise_weights(std::int64_t in_channels, std::int64_t out_channels,
                                          std::span<const float> weights);

/// Elements of scratch memory, aligned to 64 bytes, that a run on so many threads takes.
std::size_t pointwise_scratch_size(const PointwiseShape& shape, int threads);

void run_pointwise(const PointwiseShape& shape, const ImageTensors& tensors, float* scratch, Team& team);

} // namespace furiosa::device::cpu
