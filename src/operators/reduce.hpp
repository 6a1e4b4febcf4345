#pragma once

#include "operators/definition.hpp"
#include "operators/numeric.hpp"
#include "operators/strided.hpp"

#include <algorithm>
#include <array>
#include <bitset>

namespace furiosa::operators {

/// Which axes the attribute `axes` lists.
inline std::bitset<Shape::max_rank> is_reduced(const Attributes& attributes)
{
    std::bitset<Shape::max_rank> reduced;
    for (const auto axis : attributes.integers("axes"))
        reduced.set(static_cast<std::size_t>(axis));
    return reduced;
}

/// The input of a reduction as two index spaces: the elements that are kept, in input and output, and those,
/// in the input, that each of them is reduced from.
struct ReductionSpaces
{
    StridedSpace<2> kept;
    StridedSpace<1> reduced;
};

inline ReductionSpaces reduction_spaces(const Shape& shape, const Attributes& attributes)
{
    const auto is = is_reduced(attributes);
    std::array<std::int64_t, Shape::max_rank> kept{}, reduced{};
    for (std::size_t axis = 0; axis != shape.rank(); ++axis) {
        kept[axis] = is[axis] ? 1 : shape[axis];
        reduced[axis] = is[axis] ? shape[axis] : 1;
    }
    const std::span<const std::int64_t> kept_extents(kept.data(), shape.rank());
    const Strides strides = dense_strides(shape);
    return {StridedSpace<2>(kept_extents, {strides, dense_strides(Shape(kept_extents))}),
            StridedSpace<1>(std::span<const std::int64_t>(reduced.data(), shape.rank()), {strides})};
}

/// How many elements each element of the output is reduced from.
inline std::int64_t reduced_count(const Work& work)
{
    const auto& shape = work.inputs[0].shape();
    const auto reduced = is_reduced(work.attributes());
    std::int64_t count = 1;
    for (std::size_t axis = 0; axis != shape.rank(); ++axis)
        count *= reduced[axis] ? shape[axis] : 1;
    return count;
}

/// Reduces elements that stand `step` apart, several at a time, so that they need not wait for one another.
template <class T, class State, class Load, class Merge>
State reduce_row(const T* x, std::int64_t length, std::int64_t step, State none, State state, Load load,
                 Merge merge)
{
    constexpr std::int64_t lanes = 8;
    std::int64_t i = 0;
    if (length >= 2 * lanes) {
        std::array<State, lanes> states;
        states.fill(none);
        for (; i + lanes <= length; i += lanes)
            for (std::int64_t lane = 0; lane != lanes; ++lane) {
                auto& mine = states[static_cast<std::size_t>(lane)];
                mine = merge(mine, load(x[(i + lane) * step]));
            }
        for (const auto& partial : states)
            state = merge(state, partial);
    }
    for (; i != length; ++i)
        state = merge(state, load(x[i * step]));
    return state;
}

/// Reduces the first input into the first output. `none` is the state of no elements; `load` makes a state of
/// one element, `merge` one of two, and `result` an element of the output.
template <class T, class State, class Load, class Merge, class Result>
void reduce_elements(const Work& work, State none, Load load, Merge merge, Result result)
{
    const auto* x = stored<T>(work.inputs[0]);
    auto* y = stored<T>(work.outputs[0]);
    const auto spaces = reduction_spaces(work.inputs[0].shape(), work.attributes());
    const auto& kept = spaces.kept;
    const auto& reduced = spaces.reduced;
    const auto step = kept.step(0);
    const auto reduced_step = reduced.step(0);
    const auto reduced_length = reduced.row_length();
    constexpr std::int64_t block = 256; // states that stay in the first cache
    std::array<State, block> states;

    const auto reduce_block = [&](const auto* first, std::int64_t count) {
        std::fill_n(states.begin(), count, none);
        reduced.for_each_row([&](const auto& offsets) {
            const auto* row = first + offsets[0];
            if (step != 1) {
                for (std::int64_t i = 0; i != count; ++i)
                    states[static_cast<std::size_t>(i)] =
                        reduce_row(row + i * step, reduced_length, reduced_step, none,
                                   states[static_cast<std::size_t>(i)], load, merge);
                return;
            }
            for (std::int64_t j = 0; j != reduced_length;
                 ++j) // the kept elements are neighbours: side by side
                for (std::int64_t i = 0; i != count; ++i)
                    states[static_cast<std::size_t>(i)] =
                        merge(states[static_cast<std::size_t>(i)], load(row[j * reduced_step + i]));
        });
    };
    kept.for_each_row([&](const auto& offsets) {
        for (std::int64_t start = 0; start < kept.row_length(); start += block) {
            const auto count = std::min(block, kept.row_length() - start);
            reduce_block(x + offsets[0] + start * step, count);
            for (std::int64_t i = 0; i != count; ++i)
                y[offsets[1] + start + i] = result(states[static_cast<std::size_t>(i)]);
        }
    });
}

} // namespace furiosa::operators
