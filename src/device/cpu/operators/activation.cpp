#include "device/cpu/operators/operators.hpp"
#include "device/cpu/winograd/winograd.hpp"

#include <limits>
#include <map>
#include <string_view>

namespace furiosa::device::cpu {

using dnnl::algorithm;
using program::Attributes;
using program::OpKind;

std::optional<EltwiseFunction> eltwise_function(OpKind kind, const Attributes& attributes)
{
    const auto alpha = [&](float otherwise) { return attributes.real("alpha", otherwise); };
    switch (kind) {
    case OpKind::abs:
        return EltwiseFunction{algorithm::eltwise_abs, 0, 0};
    case OpKind::clip:
        return EltwiseFunction{algorithm::eltwise_clip,
                               attributes.real("min", std::numeric_limits<float>::lowest()),
                               attributes.real("max", std::numeric_limits<float>::max())};
    case OpKind::elu:
        return EltwiseFunction{algorithm::eltwise_elu, alpha(1), 0};
    case OpKind::exp:
        return EltwiseFunction{algorithm::eltwise_exp, 0, 0};
    case OpKind::hard_swish:
        return EltwiseFunction{algorithm::eltwise_hardswish, 0, 0};
    case OpKind::leaky_relu:
        return EltwiseFunction{algorithm::eltwise_relu, alpha(0.01f), 0};
    case OpKind::relu:
        return EltwiseFunction{algorithm::eltwise_relu, 0, 0};
    case OpKind::sigmoid:
        return EltwiseFunction{algorithm::eltwise_logistic, 0, 0};
    case OpKind::silu:
        return EltwiseFunction{algorithm::eltwise_swish, 1, 0};
    case OpKind::sqrt:
        return EltwiseFunction{algorithm::eltwise_sqrt, 0, 0};
    case OpKind::tanh:
        return EltwiseFunction{algorithm::eltwise_tanh, 0, 0};
    default:
        return std::nullopt;
    }
}

std::optional<FusedActivation> activation_of(const Attributes& attributes)
{
    if (!attributes.has("activation"))
        return FusedActivation{};
    constexpr auto least = std::numeric_limits<float>::lowest();
    constexpr auto most = std::numeric_limits<float>::max();
    switch (program::parse_op_kind(attributes.get<std::string>("activation")).value_or(OpKind::identity)) {
    case OpKind::relu:
        return FusedActivation{Activation::relu, 0, 0};
    case OpKind::leaky_relu:
        return FusedActivation{Activation::leaky_relu, attributes.real("alpha", 0.01f), 0};
    case OpKind::clip:
        return FusedActivation{Activation::clip, attributes.real("min", least), attributes.real("max", most)};
    case OpKind::sigmoid:
        return FusedActivation{Activation::sigmoid, 0, 0};
    case OpKind::silu:
        return FusedActivation{Activation::silu, 0, 0};
    case OpKind::hard_swish:
        return FusedActivation{Activation::hard_swish, 0, 0};
    default:
        return std::nullopt;
    }
}

} // namespace furiosa::device::cpu
