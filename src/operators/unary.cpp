#include "operators/element_types.hpp"
#include "operators/elementwise.hpp"
#include "operators/numeric.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace furiosa::operators {

namespace {

void check_type(const Question& question)
{
    using enum DataType;
    switch (question.kind()) {
    case OpKind::abs:
    case OpKind::sign:
        return question.require_type(0, {float32, uint8, int8, int32, int64});
    case OpKind::neg:
    case OpKind::relu:
        return question.require_type(0, {float32, int8, int32, int64});
    case OpKind::logical_not:
        return question.require_type(0, {boolean});
    default:
        return question.require_type(0, {float32});
    }
}

bool is_tanh_approximation(const Attributes& attributes)
{
    return attributes.get<std::string>("approximate", "none") == "tanh";
}

std::vector<TensorType> infer_unary(const Question& question)
{
    check_type(question);
    if (question.kind() == OpKind::gelu && !is_tanh_approximation(question.attributes()) &&
        question.attributes().get<std::string>("approximate", "none") != "none")
        question.fail_with(errc::malformed_model, "approximate is neither 'none' nor 'tanh'");
    return {question.input(0)};
}

// The formulas are those of the ONNX operators, arranged so that no large argument overflows on its way to a
// small result, and no difference of near numbers loses it.

float sigmoid(float x)
{
    return 1 / (1 + std::exp(-x));
}

/// log(1 + exp(x))
float softplus(float x)
{
    return std::max(x, 0.f) + std::log1p(std::exp(-std::abs(x)));
}

/// x · P(X ≤ x) of the normal distribution. erfc does not cancel for negative x, as 1 + erf does.
float gelu(float x)
{
    return 0.5f * x * std::erfc(-x * (std::numbers::sqrt2_v<float> / 2));
}

/// 0.5 x (1 + tanh(u)), which is x · sigmoid(2u).
float gelu_by_tanh(float x)
{
    constexpr float factor = std::numbers::sqrt2_v<float> * std::numbers::inv_sqrtpi_v<float>; // sqrt(2 / pi)
    return x * sigmoid(2 * factor * (x + 0.044715f * x * x * x));
}

float elu(float x, float alpha)
{
    return x < 0 ? alpha * std::expm1(x) : x;
}

template <class T>
T sign(T x)
{
    return x > 0 ? T(1) : x < 0 ? T(-1) : x == 0 ? T(0) : x; // NaN stays NaN
}

template <class T, class Function>
void map(const Work& work, Function function)
{
    const auto* x = stored<T>(work.inputs[0]);
    auto* y = stored<T>(work.outputs[0]);
    const auto count = work.outputs[0].shape().element_count();
    for (std::int64_t i = 0; i != count; ++i)
        y[i] = function(x[i]);
}

void evaluate_with_parameters(const Work& work)
{
    const auto real = [&](const char* name, float otherwise) {
        return work.attributes().real(name, otherwise);
    };
    switch (work.kind()) {
    case OpKind::elu:
        return map<float>(work, [alpha = real("alpha", 1)](float x) { return elu(x, alpha); });
    case OpKind::gelu:
        if (is_tanh_approximation(work.attributes()))
            return map<float>(work, gelu_by_tanh);
        return map<float>(work, gelu);
    case OpKind::hard_sigmoid:
        return map<float>(work, [alpha = real("alpha", 0.2f), beta = real("beta", 0.5f)](float x) {
            return std::clamp(alpha * x + beta, 0.f, 1.f);
        });
    case OpKind::leaky_relu:
        return map<float>(work, [alpha = real("alpha", 0.01f)](float x) { return x < 0 ? alpha * x : x; });
    case OpKind::selu: // the defaults are those of the ONNX operator
        return map<float>(work, [alpha = real("alpha", 1.67326319217681884765625f),
                                 gamma = real("gamma", 1.05070102214813232421875f)](float x) {
            return gamma * elu(x, alpha);
        });
    default:
        return;
    }
}

void evaluate_float(const Work& work)
{
    switch (work.kind()) {
    case OpKind::ceil:
        return map<float>(work, [](float x) { return std::ceil(x); });
    case OpKind::erf:
        return map<float>(work, [](float x) { return std::erf(x); });
    case OpKind::exp:
        return map<float>(work, [](float x) { return std::exp(x); });
    case OpKind::floor:
        return map<float>(work, [](float x) { return std::floor(x); });
    case OpKind::hard_swish:
        return map<float>(work, [](float x) { return x * std::clamp(x / 6 + 0.5f, 0.f, 1.f); });
    case OpKind::log:
        return map<float>(work, [](float x) { return std::log(x); });
    case OpKind::mish:
        return map<float>(work, [](float x) { return x * std::tanh(softplus(x)); });
    case OpKind::reciprocal:
        return map<float>(work, [](float x) { return 1 / x; });
    case OpKind::round:
        return map<float>(work, [](float x) { return std::nearbyint(x); }); // half to even
    case OpKind::sigmoid:
        return map<float>(work, sigmoid);
    case OpKind::silu:
        return map<float>(work, [](float x) { return x * sigmoid(x); });
    case OpKind::softplus:
        return map<float>(work, softplus);
    case OpKind::softsign:
        return map<float>(work, [](float x) { return x / (1 + std::abs(x)); });
    case OpKind::sqrt:
        return map<float>(work, [](float x) { return std::sqrt(x); });
    case OpKind::tanh:
        return map<float>(work, [](float x) { return std::tanh(x); });
    default:
        return evaluate_with_parameters(work);
    }
}

template <class T>
void evaluate_number(const Work& work)
{
    // The smallest integer has no opposite: it stays as it is.
    const auto negative = [](T x) { return static_cast<T>(0 - static_cast<Wrapping<T>>(x)); };
    switch (work.kind()) {
    case OpKind::abs:
        if constexpr (std::is_floating_point_v<T>)
            return map<T>(work, [](T x) { return std::abs(x); });
        else
            return map<T>(work, [=](T x) { return x < 0 ? negative(x) : x; });
    case OpKind::neg:
        if constexpr (std::is_floating_point_v<T>)
            return map<T>(work, [](T x) { return -x; });
        else
            return map<T>(work, negative);
    case OpKind::relu:
        return map<T>(work, [](T x) { return x < 0 ? T(0) : x; });
    case OpKind::sign:
        return map<T>(work, sign<T>);
    default:
        return;
    }
}

void evaluate_unary(const Work& work)
{
    switch (work.kind()) {
    case OpKind::logical_not:
        return map<bool>(work, [](std::uint8_t x) { return std::uint8_t{x == 0}; });
    case OpKind::abs:
    case OpKind::neg:
    case OpKind::relu:
    case OpKind::sign:
        return visit_type(work.inputs[0].data_type(), [&]<class T>(std::type_identity<T>) {
            if constexpr (!std::is_same_v<T, bool>)
                evaluate_number<T>(work);
        });
    default:
        return evaluate_float(work);
    }
}

} // namespace

const Definition unary{1, 1, 1, infer_unary, evaluate_unary};

} // namespace furiosa::operators
