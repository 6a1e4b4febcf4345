#pragma once

#include <furiosa/operators/operation.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace furiosa::operators {

// The formulas are those of the ONNX operators, arranged so that no large argument overflows on its way to a small
// result, and no difference of near numbers loses it.

inline float sigmoid(float x)
{
    return 1 / (1 + std::exp(-x));
}

/// log(1 + exp(x))
inline float softplus(float x)
{
    return std::max(x, 0.f) + std::log1p(std::exp(-std::abs(x)));
}

/// x · P(X ≤ x) of the normal distribution. erfc does not cancel for negative x, as 1 + erf does.
inline float gelu(float x)
{
    return 0.5f * x * std::erfc(-x * (std::numbers::sqrt2_v<float> / 2));
}

/// 0.5 x (1 + tanh(u)), which is x · sigmoid(2u).
inline float gelu_by_tanh(float x)
{
    constexpr float factor = std::numbers::sqrt2_v<float> * std::numbers::inv_sqrtpi_v<float>; // sqrt(2 / pi)
    return x * sigmoid(2 * factor * (x + 0.044715f * x * x * x));
}

inline float elu(float x, float alpha)
{
    return x < 0 ? alpha * std::expm1(x) : x;
}

inline bool is_tanh_approximation(const Attributes& attributes)
{
    return attributes.get<std::string>("approximate", "none") == "tanh";
}

/// Calls `visit` with the function of one number that an activation is, its parameters bound; the defaults are those of
/// the ONNX operators. False, without a call, if the kind is none.
template <class Visit>
bool visit_activation(OpKind kind, const Attributes& attributes, Visit visit)
{
    const auto real = [&](const char* name, float otherwise) { return attributes.real(name, otherwise); };
    switch (kind) {
    case OpKind::clip:
        visit([least = real("min", std::numeric_limits<float>::lowest()),
               most = real("max", std::numeric_limits<float>::max())](float x) {
            return std::min(std::max(x, least), most);
        });
        return true;
    case OpKind::elu:
        visit([alpha = real("alpha", 1)](float x) { return elu(x, alpha); });
        return true;
    case OpKind::gelu:
        visit(is_tanh_approximation(attributes) ? gelu_by_tanh : gelu);
        return true;
    case OpKind::hard_sigmoid:
        visit([alpha = real("alpha", 0.2f), beta = real("beta", 0.5f)](float x) {
            return std::clamp(alpha * x + beta, 0.f, 1.f);
        });
        return true;
    case OpKind::hard_swish:
        visit([](float x) { return x * std::clamp(x / 6 + 0.5f, 0.f, 1.f); });
        return true;
    case OpKind::leaky_relu:
        visit([alpha = real("alpha", 0.01f)](float x) { return x < 0 ? alpha * x : x; });
        return true;
    case OpKind::mish:
        visit([](float x) { return x * std::tanh(softplus(x)); });
        return true;
    case OpKind::relu:
        visit([](float x) { return std::max(x, 0.f); });
        return true;
    case OpKind::selu:
        visit([alpha = real("alpha", 1.67326319217681884765625f), gamma = real("gamma", 1.05070102214813232421875f)](
                  float x) { return gamma * elu(x, alpha); });
        return true;
    case OpKind::sigmoid:
        visit(sigmoid);
        return true;
    case OpKind::silu:
        visit([](float x) { return x * sigmoid(x); });
        return true;
    case OpKind::softplus:
        visit(softplus);
        return true;
    case OpKind::softsign:
        visit([](float x) { return x / (1 + std::abs(x)); });
        return true;
    case OpKind::tanh:
        visit([](float x) { return std::tanh(x); });
        return true;
    default:
        return false;
    }
}

} // namespace furiosa::operators
