#include "operators/activation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace furiosa::operators {

namespace {

std::optional<OpKind> activation_of(const Attributes& attributes)
{
    return program::parse_op_kind(attributes.get<std::string>("activation"));
}

bool is_known(OpKind kind)
{
    switch (kind) {
    case OpKind::clip:
    case OpKind::elu:
    case OpKind::gelu:
    case OpKind::hard_sigmoid:
    case OpKind::hard_swish:
    case OpKind::leaky_relu:
    case OpKind::mish:
    case OpKind::relu:
    case OpKind::selu:
    case OpKind::sigmoid:
    case OpKind::silu:
    case OpKind::softplus:
    case OpKind::softsign:
    case OpKind::tanh:
        return true;
    default:
        return false;
    }
}

float sigmoid(float x)
{
    return 1 / (1 + std::exp(-x));
}

float softplus(float x)
{
    return std::max(x, 0.f) + std::log1p(std::exp(-std::abs(x))); // does not overflow
}

template <class Function>
void apply(std::span<float> values, Function function)
{
    for (auto& value : values)
        value = function(value);
}

void clip(const Attributes& attributes, std::span<float> values)
{
    const auto least = attributes.real("min", std::numeric_limits<float>::lowest());
    const auto most = attributes.real("max", std::numeric_limits<float>::max());
    apply(values, [=](float x) { return std::min(std::max(x, least), most); });
}

void gelu(const Attributes& attributes, std::span<float> values)
{
    constexpr auto root = std::numbers::sqrt2_v<float>;
    if (attributes.get<std::string>("approximate", "none") == "tanh")
        apply(values, [](float x) {
            constexpr float root_of_2_by_pi = 0.7978845608f;
            return 0.5f * x * (1 + std::tanh(root_of_2_by_pi * (x + 0.044715f * x * x * x)));
        });
    else
        apply(values,
              [](float x) { return 0.5f * x * std::erfc(-x / root); }); // 1 + erf cancels for negative x
}

void selu(const Attributes& attributes, std::span<float> values)
{
    const auto alpha = attributes.real("alpha", 1.67326319217681884765625f);
    const auto gamma = attributes.real("gamma", 1.05070102214813232421875f);
    apply(values, [=](float x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
}

} // namespace

void require_known_activation(const Question& question, DataType output)
{
    if (!question.attributes().has("activation"))
        return;
    const auto kind = activation_of(question.attributes());
    if (!kind || !is_known(*kind) || output != DataType::float32)
        question.fail_with(errc::unsupported_operator,
                           fmt::format("'{}' is no activation that can be fused into it",
                                       question.attributes().get<std::string>("activation")));
}

void activate(const Attributes& attributes, std::span<float> values)
{
    const auto kind = activation_of(attributes);
    if (!kind)
        return;
    switch (*kind) {
    case OpKind::clip:
        return clip(attributes, values);
    case OpKind::elu:
        return apply(values, [alpha = attributes.real("alpha", 1)](float x) {
            return x > 0 ? x : alpha * std::expm1(x);
        });
    case OpKind::gelu:
        return gelu(attributes, values);
    case OpKind::hard_sigmoid:
        return apply(values, [alpha = attributes.real("alpha", 0.2f), beta = attributes.real("beta", 0.5f)](
                                 float x) { return std::clamp(alpha * x + beta, 0.f, 1.f); });
    case OpKind::hard_swish:
        return apply(values, [](float x) { return x * std::clamp(x / 6 + 0.5f, 0.f, 1.f); });
    case OpKind::leaky_relu:
        return apply(values,
                     [alpha = attributes.real("alpha", 0.01f)](float x) { return x >= 0 ? x : alpha * x; });
    case OpKind::mish:
        return apply(values, [](float x) { return x * std::tanh(softplus(x)); });
    case OpKind::relu:
        return apply(values, [](float x) { return std::max(x, 0.f); });
    case OpKind::selu:
        return selu(attributes, values);
    case OpKind::sigmoid:
        return apply(values, sigmoid);
    case OpKind::silu:
        return apply(values, [](float x) { return x * sigmoid(x); });
    case OpKind::softplus:
        return apply(values, softplus);
    case OpKind::softsign:
        return apply(values, [](float x) { return x / (1 + std::abs(x)); });
    case OpKind::tanh:
        return apply(values, [](float x) { return std::tanh(x); });
    default:
        return;
    }
}

} // namespace furiosa::operators
