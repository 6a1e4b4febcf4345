#pragma once

#include <furiosa/program/attributes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace furiosa::device::cpu {

// What our own convolutions have in common. Channels are the innermost axis of images (NHWC) and adjacent;
// pixels may lie any distance apart.

/// How far apart neighbours are, in elements. Channels are adjacent.
struct PixelStrides
{
    std::ptrdiff_t image = 0;
    std::ptrdiff_t row = 0;
    std::ptrdiff_t pixel = 0;
};

/// What is done with each element of the result, in the end.
enum class Activation : std::uint8_t
{
    none,
    relu,
    leaky_relu,
    clip,
    sigmoid,
    silu,
    hard_swish
};

/// What a program's attributes say.
struct FusedActivation
{
    Activation kind = Activation::none;
    float alpha = 0; ///< Clip: the lower bound; LeakyRelu: the slope
    float beta = 0;  ///< Clip: the upper bound
};
/// Of the attribute "activation"; nothing if it is none of ours.
std::optional<FusedActivation> activation_of(const program::Attributes& attributes);

/// What a convolution works on.
struct ImageTensors
{
    const float* source = nullptr;
    const float* weights = nullptr;  ///< packed for the algorithm
    const float* bias = nullptr;     ///< may be null
    const float* residual = nullptr; ///< may be null; is added before the activation; may be the destination
    float* destination = nullptr;
};

} // namespace furiosa::device::cpu
