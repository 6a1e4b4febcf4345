#pragma once

#include "operators/definition.hpp"

namespace furiosa::operators {

/// The shape of an output that attributes decide about. Throws errc::invalid_shape, naming the operator.
inline Shape checked_shape(const Question& question, std::span<const std::int64_t> extents)
{
    try {
        return Shape(extents);
    } catch (const Error& error) {
        question.fail("{}", error.what());
    }
}

/// The product of two numbers that are not negative. Throws errc::invalid_shape if no extent can be that
/// large.
inline std::int64_t checked_product(const Question& question, std::int64_t a, std::int64_t b)
{
    if (b != 0 && a > INT64_MAX / b)
        question.fail("an extent of {} times {} is too large", a, b);
    return a * b;
}

/// The product of the extents of the axes from `first` to `last`, without `last`.
inline std::int64_t count_of(const Shape& shape, std::size_t first, std::size_t last)
{
    std::int64_t count = 1;
    for (auto axis = first; axis < last; ++axis)
        count *= shape[axis];
    return count;
}

} // namespace furiosa::operators
