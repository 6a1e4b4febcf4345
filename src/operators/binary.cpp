#include "operators/broadcast.hpp"
#include "operators/combine.hpp"
#include "operators/element_types.hpp"
#include "operators/elementwise.hpp"
#include "operators/integer_power.hpp"
#include "operators/numeric.hpp"

#include <cmath>

namespace furiosa::operators {

namespace {

bool is_comparison(OpKind kind)
{
    switch (kind) {
    case OpKind::equal:
    case OpKind::greater:
    case OpKind::greater_or_equal:
    case OpKind::less:
    case OpKind::less_or_equal:
        return true;
    default:
        return false;
    }
}

void check_types(const Question& question)
{
    using enum DataType;
    switch (question.kind()) {
    case OpKind::logical_and:
    case OpKind::logical_or:
    case OpKind::logical_xor:
        question.require_type(0, {boolean});
        break;
    case OpKind::equal:
        question.require_type(0, {float32, uint8, int8, int32, int64, boolean});
        break;
    default:
        question.require_type(0, {float32, uint8, int8, int32, int64});
        break;
    }
    if (question.kind() == OpKind::pow)
        question.require_type(1, {float32, uint8, int8, int32, int64});
    else
        question.require_same_type(1, question.type(0));
}

std::vector<TensorType> infer_binary(const Question& question)
{
    check_types(question);
    const auto& a = question.shape(0);
    const auto& b = question.shape(1);
    const auto shape = broadcast(a, b);
    if (!shape)
        question.fail("shapes {} and {} do not broadcast", to_string(a), to_string(b));
    if (question.kind() == OpKind::p_relu && *shape != a)
        question.fail("the slope of shape {} does not broadcast to {}", to_string(b), to_string(a));
    return {{is_comparison(question.kind()) ? DataType::boolean : question.type(0), *shape}};
}

/// Elements of types A and B give one of type R.
template <class A, class B, class R, class Function>
void apply(const Work& work, Function function)
{
    combine(stored<A>(work.inputs[0]), work.inputs[0].shape(), stored<B>(work.inputs[1]),
            work.inputs[1].shape(), stored<R>(work.outputs[0]), work.outputs[0].shape(), function);
}

template <class T, class Function>
void apply_wrapping(const Work& work, Function function)
{
    using W = Wrapping<T>;
    apply<T, T, T>(work,
                   [=](T a, T b) { return static_cast<T>(function(static_cast<W>(a), static_cast<W>(b))); });
}

/// Truncates. A division by zero gives 0, and the smallest integer divided by -1 wraps: processors trap on
/// both.
template <class T>
T quotient(T a, T b)
{
    if constexpr (std::is_integral_v<T>) {
        if (b == 0)
            return 0;
        if (std::is_signed_v<T> && b == static_cast<T>(-1))
            return static_cast<T>(0 - static_cast<Wrapping<T>>(a));
    }
    return static_cast<T>(a / b);
}

template <class A, class B>
A power(A base, B exponent)
{
    if constexpr (std::is_integral_v<A> && std::is_integral_v<B>)
        return integer_power(base, exponent);
    else if constexpr (std::is_same_v<A, B>)
        return std::pow(base, exponent);
    else
        return convert<A>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
}

template <class T>
void evaluate_pow(const Work& work)
{
    visit_type(work.inputs[1].data_type(), [&]<class E>(std::type_identity<E>) {
        if constexpr (!std::is_same_v<E, bool>)
            apply<T, E, T>(work, power<T, E>);
    });
}

template <class T>
void evaluate_number(const Work& work)
{
    switch (work.kind()) {
    case OpKind::add:
        return apply_wrapping<T>(work, [](auto a, auto b) { return a + b; });
    case OpKind::sub:
        return apply_wrapping<T>(work, [](auto a, auto b) { return a - b; });
    case OpKind::mul:
        return apply_wrapping<T>(work, [](auto a, auto b) { return a * b; });
    case OpKind::div:
        return apply<T, T, T>(work, quotient<T>);
    case OpKind::pow:
        return evaluate_pow<T>(work);
    case OpKind::p_relu:
        return apply<T, T, T>(work, [](T x, T slope) {
            return x < 0 ? static_cast<T>(static_cast<Wrapping<T>>(x) * static_cast<Wrapping<T>>(slope)) : x;
        });
    case OpKind::equal:
        return apply<T, T, bool>(work, [](T a, T b) { return std::uint8_t{a == b}; });
    case OpKind::greater:
        return apply<T, T, bool>(work, [](T a, T b) { return std::uint8_t{a > b}; });
    case OpKind::greater_or_equal:
        return apply<T, T, bool>(work, [](T a, T b) { return std::uint8_t{a >= b}; });
    case OpKind::less:
        return apply<T, T, bool>(work, [](T a, T b) { return std::uint8_t{a < b}; });
    case OpKind::less_or_equal:
        return apply<T, T, bool>(work, [](T a, T b) { return std::uint8_t{a <= b}; });
    default:
        return;
    }
}

void evaluate_boolean(const Work& work)
{
    using Byte = std::uint8_t;
    const auto apply_boolean = [&](auto function) {
        apply<bool, bool, bool>(work, [=](Byte a, Byte b) { return Byte{function(a != 0, b != 0)}; });
    };
    switch (work.kind()) {
    case OpKind::equal:
        return apply_boolean([](bool a, bool b) { return a == b; });
    case OpKind::logical_and:
        return apply_boolean([](bool a, bool b) { return a && b; });
    case OpKind::logical_or:
        return apply_boolean([](bool a, bool b) { return a || b; });
    case OpKind::logical_xor:
        return apply_boolean([](bool a, bool b) { return a != b; });
    default:
        return;
    }
}

void evaluate_binary(const Work& work)
{
    visit_type(work.inputs[0].data_type(), [&]<class T>(std::type_identity<T>) {
        if constexpr (std::is_same_v<T, bool>)
            evaluate_boolean(work);
        else
            evaluate_number<T>(work);
    });
}

} // namespace

const Definition binary{2, 2, 1, infer_binary, evaluate_binary};

} // namespace furiosa::operators
