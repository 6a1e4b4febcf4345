#pragma once

#include "device/cpu/image.hpp"
#include "device/cpu/vector_avx512.hpp"

namespace furiosa::device::cpu {
namespace {

inline Vector activate(const FusedActivation& activation, Vector x)
{
    switch (activation.kind) {
    case Activation::none:
        break;
    case Activation::relu:
        return maximum(Vector{}, x);
    case Activation::leaky_relu:
        return maximum(Vector{}, x) + activation.alpha * minimum(Vector{}, x);
    case Activation::clip:
        return minimum(broadcast(activation.beta), maximum(broadcast(activation.alpha), x));
    case Activation::sigmoid:
        return 1.0f / (1.0f + exponential(-x));
    case Activation::silu:
        return x / (1.0f + exponential(-x));
    case Activation::hard_swish:
        return x * minimum(broadcast(1), maximum(Vector{}, x * (1.0f / 6) + 0.5f));
    }
    return x;
}

} // namespace
} // namespace furiosa::device::cpu
