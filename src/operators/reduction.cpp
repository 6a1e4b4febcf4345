#include "operators/reduction.hpp"

#include "operators/element_types.hpp"
#include "operators/numeric.hpp"
#include "operators/reduce.hpp"

#include <cmath>

namespace furiosa::operators {

namespace {

void check_type(const Question& question)
{
    using enum DataType;
    if (question.kind() == OpKind::reduce_max || question.kind() == OpKind::reduce_min)
        question.require_type(0, {float32, uint8, int8, int32, int64, boolean});
    else
        question.require_type(0, {float32, uint8, int8, int32, int64});
}

void check_axes(const Question& question)
{
    const auto axes = question.attributes().integers("axes");
    const auto rank = static_cast<std::int64_t>(question.shape(0).rank());
    std::int64_t last = -1;
    for (const auto axis : axes) {
        if (axis <= last || axis >= rank)
            question.fail_with(errc::malformed_model,
                               fmt::format("axes are not sorted axes of rank {}: they hold {}", rank, axis));
        last = axis;
    }
}

std::vector<TensorType> infer_reduction(const Question& question)
{
    check_type(question);
    check_axes(question);
    const auto& shape = question.shape(0);
    const bool keep = question.attributes().integer("keepdims", 1) != 0;
    const auto reduced = is_reduced(question.attributes());
    std::vector<std::int64_t> extents;
    for (std::size_t axis = 0; axis != shape.rank(); ++axis)
        if (!reduced[axis])
            extents.push_back(shape[axis]);
        else if (keep)
            extents.push_back(1);
    return {{question.type(0), Shape(extents)}};
}

// What the reductions have in common: a state that begins as that of no elements, how one element counts, how
// two states become one, and the result.

constexpr auto plus = [](auto a, auto b) { return a + b; };
constexpr auto times = [](auto a, auto b) { return a * b; };

/// Sums of floats are kept in double, those of integers wrap.
template <class T>
using Total = std::conditional_t<std::is_floating_point_v<T>, double, std::uint64_t>;

template <class T>
void evaluate_total(const Work& work)
{
    using S = Total<T>;
    constexpr auto as_is = [](T x) { return static_cast<S>(x); };
    constexpr auto result = [](S sum) { return static_cast<T>(sum); };
    switch (work.kind()) {
    case OpKind::reduce_l1:
        return reduce_elements<T>(
            work, S{0}, [](T x) { return x < 0 ? S{0} - static_cast<S>(x) : static_cast<S>(x); }, plus,
            result);
    case OpKind::reduce_sum:
        return reduce_elements<T>(work, S{0}, as_is, plus, result);
    case OpKind::reduce_sum_square:
        return reduce_elements<T>(
            work, S{0}, [](T x) { return static_cast<S>(x) * static_cast<S>(x); }, plus, result);
    case OpKind::reduce_prod:
        return reduce_elements<T>(work, S{1}, as_is, times, result);
    default:
        return;
    }
}

/// That of integers is truncated; of none it is NaN, or 0 where there is no NaN.
template <class T>
void evaluate_mean(const Work& work)
{
    using S = Total<T>;
    const auto count = reduced_count(work);
    const auto result = [count](S sum) {
        if constexpr (std::is_floating_point_v<T>)
            return static_cast<T>(sum / static_cast<double>(count));
        else
            return static_cast<T>(count == 0 ? 0 : static_cast<std::int64_t>(sum) / count);
    };
    reduce_elements<T>(
        work, S{0}, [](T x) { return static_cast<S>(x); }, plus, result);
}

/// exp(largest) · sum: so that the sum of exponentials does not overflow.
struct ExpSum
{
    double largest;
    double sum;
};

ExpSum add(const ExpSum& a, const ExpSum& b)
{
    if (a.largest == b.largest) // also two infinities, whose difference is NaN
        return {a.largest, a.sum + b.sum};
    if (a.largest > b.largest)
        return {a.largest, a.sum + b.sum * std::exp(b.largest - a.largest)};
    return {b.largest, b.sum + a.sum * std::exp(a.largest - b.largest)};
}

/// Reductions whose results are real numbers, in double whatever the type.
template <class T>
void evaluate_real(const Work& work)
{
    constexpr auto real = [](T x) { return static_cast<double>(x); };
    switch (work.kind()) {
    case OpKind::reduce_l2:
        return reduce_elements<T>(
            work, 0., [=](T x) { return real(x) * real(x); }, plus,
            [](double sum) { return convert<T>(std::sqrt(sum)); });
    case OpKind::reduce_log_sum:
        return reduce_elements<T>(work, 0., real, plus, [](double sum) { return convert<T>(std::log(sum)); });
    case OpKind::reduce_log_sum_exp:
        return reduce_elements<T>(
            work, ExpSum{lowest_value<double>(), 0},
            [=](T x) {
                return ExpSum{real(x), 1};
            },
            add, [](const ExpSum& state) { return convert<T>(state.largest + std::log(state.sum)); });
    default:
        return;
    }
}

template <class T>
void evaluate_extremum(const Work& work)
{
    constexpr auto as_is = [](auto x) { return x; };
    if (work.kind() == OpKind::reduce_max)
        reduce_elements<T>(work, lowest_value<T>(), as_is, Larger(), as_is);
    else
        reduce_elements<T>(work, highest_value<T>(), as_is, Smaller(), as_is);
}

void evaluate_boolean(const Work& work)
{
    constexpr auto truth = [](std::uint8_t x) { return x != 0; };
    constexpr auto byte = [](bool x) { return std::uint8_t{x}; };
    if (work.kind() == OpKind::reduce_max)
        reduce_elements<bool>(
            work, false, truth, [](bool a, bool b) { return a || b; }, byte);
    else
        reduce_elements<bool>(
            work, true, truth, [](bool a, bool b) { return a && b; }, byte);
}

template <class T>
void evaluate_number(const Work& work)
{
    switch (work.kind()) {
    case OpKind::reduce_max:
    case OpKind::reduce_min:
        return evaluate_extremum<T>(work);
    case OpKind::reduce_mean:
        return evaluate_mean<T>(work);
    case OpKind::reduce_l2:
    case OpKind::reduce_log_sum:
    case OpKind::reduce_log_sum_exp:
        return evaluate_real<T>(work);
    default:
        return evaluate_total<T>(work);
    }
}

void evaluate_reduction(const Work& work)
{
    visit_type(work.inputs[0].data_type(), [&]<class T>(std::type_identity<T>) {
        if constexpr (std::is_same_v<T, bool>)
            evaluate_boolean(work);
        else
            evaluate_number<T>(work);
    });
}

} // namespace

const Definition reduce{1, 1, 1, infer_reduction, evaluate_reduction};

} // namespace furiosa::operators
