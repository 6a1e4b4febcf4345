#pragma once

#include <compare>
#include <cstdint>

namespace furiosa {

/// The bytes of a resource from number `first` up to, not including, number `last`.
struct ByteRange
{
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    constexpr std::uint64_t size() const noexcept { return last - first; }
    constexpr bool empty() const noexcept { return first >= last; }

    friend auto operator<=>(const ByteRange&, const ByteRange&) = default;
};

} // namespace furiosa
