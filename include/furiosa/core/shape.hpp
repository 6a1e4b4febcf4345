#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace furiosa {

/// The extents of a tensor, outermost first; rank 0 is a scalar. Copies without allocating.
///
/// Extents are never negative and the number of elements always fits in 63 bits: the constructors check,
/// so that sizes computed from a Shape cannot overflow.
class Shape
{
public:
    static constexpr std::size_t max_rank = 8;

    Shape() = default;
    /// Throws errc::invalid_shape on more than `max_rank` extents, a negative one, or too many elements.
    Shape(std::initializer_list<std::int64_t> extents) : Shape(std::span(extents.begin(), extents.size())) {}
    explicit Shape(std::span<const std::int64_t> extents);

    std::size_t rank() const noexcept { return rank_; }
    std::int64_t operator[](std::size_t axis) const noexcept { return extents_[axis]; }
    const std::int64_t* begin() const noexcept { return extents_.data(); }
    const std::int64_t* end() const noexcept { return extents_.data() + rank_; }
    std::span<const std::int64_t> extents() const noexcept { return {begin(), end()}; }

    /// The product of the extents; 1 for a scalar.
    std::int64_t element_count() const noexcept;

    friend bool operator==(const Shape& a, const Shape& b) noexcept
    {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    std::array<std::int64_t, max_rank> extents_{};
    std::size_t rank_ = 0;
};

/// "[1, 3, 224, 224]"
std::string to_string(const Shape& shape);

} // namespace furiosa
