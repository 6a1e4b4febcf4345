#pragma once

#include <furiosa/core/shape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace furiosa::operators {

/// Distances between neighbours along each axis, in elements.
using Strides = std::array<std::int64_t, Shape::max_rank>;

inline Strides dense_strides(const Shape& shape) noexcept
{
    Strides strides{};
    std::int64_t stride = 1;
    for (std::size_t axis = shape.rank(); axis-- != 0; stride *= shape[axis])
        strides[axis] = stride;
    return strides;
}

/// How a dense tensor of shape `own` is read where it broadcasts to `common`: with 0 along what it repeats.
inline Strides broadcast_strides(const Shape& own, const Shape& common) noexcept
{
    Strides strides{};
    const Strides dense = dense_strides(own);
    const std::size_t missing = common.rank() - own.rank();
    for (std::size_t axis = 0; axis != own.rank(); ++axis)
        strides[missing + axis] = own[axis] == 1 ? 0 : dense[axis];
    return strides;
}

/// An index space that N operands walk through together, each with strides of its own.
///
/// Axes that all operands pass through in one go are joined, so that loops over rows are as long as they can
/// be: two dense tensors of one shape are a single row.
template <std::size_t N>
class StridedSpace
{
public:
    using Offsets = std::array<std::int64_t, N>;

    StridedSpace(std::span<const std::int64_t> extents, const std::array<Strides, N>& strides) noexcept
    {
        for (std::size_t axis = extents.size(); axis-- != 0;) {
            Offsets steps{};
            for (std::size_t i = 0; i != N; ++i)
                steps[i] = strides[i][axis];
            add_outer_axis(extents[axis], steps);
        }
    }

    std::int64_t row_length() const noexcept { return extents_[0]; }
    /// How far operand `i` moves from one element of a row to the next.
    std::int64_t step(std::size_t i) const noexcept { return steps_[0][i]; }

    /// Calls `visit(offsets)` for every row, with where it begins in each operand; never for an empty space.
    template <class Visit>
    void for_each_row(Visit&& visit) const
    {
        if (empty_)
            return;
        Offsets offsets{};
        std::array<std::int64_t, Shape::max_rank> index{};
        for (;;) {
            visit(static_cast<const Offsets&>(offsets));
            std::size_t axis = 1;
            for (; axis < rank_; ++axis) {
                advance(offsets, axis, 1);
                if (++index[axis] != extents_[axis])
                    break;
                advance(offsets, axis, -extents_[axis]);
                index[axis] = 0;
            }
            if (axis >= rank_)
                return;
        }
    }

    /// Calls `visit(offsets)` for every element.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for_each_row([&](Offsets offsets) {
            for (std::int64_t i = 0; i != row_length(); ++i) {
                visit(static_cast<const Offsets&>(offsets));
                advance(offsets, 0, 1);
            }
        });
    }

private:
    void add_outer_axis(std::int64_t extent, const Offsets& steps) noexcept
    {
        empty_ = empty_ || extent == 0;
        if (extent == 1 || empty_)
            return;
        if (rank_ != 0 && continues(steps)) {
            extents_[rank_ - 1] *= extent;
            return;
        }
        extents_[rank_] = extent;
        steps_[rank_++] = steps;
    }

    /// Does a step along a further axis lead to where the outermost axis so far would end?
    bool continues(const Offsets& steps) const noexcept
    {
        for (std::size_t i = 0; i != N; ++i)
            if (steps[i] != steps_[rank_ - 1][i] * extents_[rank_ - 1])
                return false;
        return true;
    }

    void advance(Offsets& offsets, std::size_t axis, std::int64_t count) const noexcept
    {
        for (std::size_t i = 0; i != N; ++i)
            offsets[i] += steps_[axis][i] * count;
    }

    // Innermost first: axis 0 is the row, of one element if there is no axis.
    std::array<std::int64_t, Shape::max_rank> extents_{1};
    std::array<Offsets, Shape::max_rank> steps_{};
    std::size_t rank_ = 0;
    bool empty_ = false;
};

} // namespace furiosa::operators
