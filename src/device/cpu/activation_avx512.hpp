#pragma once

#include "device/cpu/vector_avx512.hpp"
#include "device/cpu/winograd/winograd.hpp"

namespace furiosa::device::cpu {
namespace {

inline Vector activate(Activation activation, float alpha, float beta, Vector x)
{
    switch (activation) {
    case Activation::none:
        break;
    case Activation::relu:
        return maximum(Vector{}, x);
    case Activation::leaky_relu:
        return maximum(Vector{}, x) + alpha * minimum(Vector{}, x);
    case Activation::clip:
        return minimum(broadcast(beta), maximum(broadcast(alpha), x));
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
