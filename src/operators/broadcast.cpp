#include "operators/broadcast.hpp"

namespace furiosa::operators {

std::optional<Shape> broadcast(const Shape& a, const Shape& b)
{
    const std::size_t rank = std::max(a.rank(), b.rank());
    std::array<std::int64_t, Shape::max_rank> extents{};
    for (std::size_t i = 0; i != rank; ++i) {
        const auto from_end = rank - i;
        const auto x = from_end <= a.rank() ? a[a.rank() - from_end] : 1;
        const auto y = from_end <= b.rank() ? b[b.rank() - from_end] : 1;
        if (x != y && x != 1 && y != 1)
            return std::nullopt;
        extents[i] = x == 1 ? y : x;
    }
    return Shape(std::span<const std::int64_t>(extents.data(), rank));
}

} // namespace furiosa::operators
