#include "operators/activation_function.hpp"
#include "operators/element_types.hpp"
#include "operators/elementwise.hpp"
#include "operators/numeric.hpp"

#include <cmath>

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

std::vector<TensorType> infer_unary(const Question& question)
{
    check_type(question);
    if (question.kind() == OpKind::gelu && !is_tanh_approximation(question.attributes()) &&
        question.attributes().get<std::string>("approximate", "none") != "none")
        question.fail_with(errc::malformed_model, "approximate is neither 'none' nor 'tanh'");
    return {question.input(0)};
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
    case OpKind::log:
        return map<float>(work, [](float x) { return std::log(x); });
    case OpKind::reciprocal:
        return map<float>(work, [](float x) { return 1 / x; });
    case OpKind::round:
        return map<float>(work, [](float x) { return std::nearbyint(x); }); // half to even
    case OpKind::sqrt:
        return map<float>(work, [](float x) { return std::sqrt(x); });
    default:
        visit_activation(work.kind(), work.attributes(), [&](auto function) { map<float>(work, function); });
        return;
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
