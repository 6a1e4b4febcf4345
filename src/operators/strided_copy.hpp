#pragma once

#include <furiosa/core/tensor_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace furiosa::operators {

/// One loop of a copy: how far apart, in elements, its steps are where it reads and where it writes.
struct CopyAxis
{
    std::int64_t extent;
    std::int64_t from; ///< may be 0 (broadcast) or negative (backwards)
    std::int64_t to;
};

/// At most this many loops: twice the rank, for operators that split every axis.
inline constexpr std::size_t max_copy_axes = 2 * Shape::max_rank;

/// Copies elements of a type in nested loops, in whatever order is fastest. `to` must not show an element
/// twice.
void copy_strided(DataType type, const std::byte* from, std::byte* to, std::span<const CopyAxis> axes);

/// Copies a tensor to one of a shape that it broadcasts to.
void copy_broadcast(const ConstTensorView& from, const TensorView& to);

/// How far apart the elements along each axis of a dense tensor are.
std::array<std::int64_t, Shape::max_rank> row_major_strides(const Shape& shape);

} // namespace furiosa::operators
