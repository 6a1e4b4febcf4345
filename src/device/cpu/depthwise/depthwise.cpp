#include "device/cpu/depthwise/depthwise.hpp"

#include "device/cpu/depthwise/kernels.hpp"
#include "device/cpu/parallel.hpp"

namespace furiosa::device::cpu {

namespace {

constexpr std::int64_t vector_size = 16;

std::int64_t whole_vectors(std::int64_t channels)
{
    return (channels + vector_size - 1) / vector_size * vector_size;
}

} // namespace

bool has_depthwise() noexcept
{
    return depthwise_kernel() != nullptr;
}

std::size_t depthwise_weights_size(std::int64_t channels, std::int64_t kernel_size)
{
    return static_cast<std::size_t>(whole_vectors(channels) * kernel_size);
}

std::vector<float> pack_depthwise_weights(std::int64_t channels, std::int64_t kernel_size,
                                          std::span<const float> weights)
{
    std::vector<float> packed(depthwise_weights_size(channels, kernel_size));
    for (std::int64_t channel = 0; channel != channels; ++channel)
        for (std::int64_t tap = 0; tap != kernel_size; ++tap)
            packed[static_cast<std::size_t>(tap * whole_vectors(channels) + channel)] =
                weights[static_cast<std::size_t>(channel * kernel_size + tap)];
    return packed;
}

void run_depthwise(const DepthwiseShape& shape, const ImageTensors& tensors, int threads)
{
    const auto rows = shape.images * shape.out_height;
    parallel(threads, [&](int part, int parts) {
        depthwise_kernel()(shape, tensors, rows * part / parts, rows * (part + 1) / parts);
    });
}

} // namespace furiosa::device::cpu
