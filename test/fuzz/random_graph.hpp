#pragma once

#include <furiosa/compiler/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace furiosa::fuzz {

/// Choices that bytes make; when they are used up, always the first.
class Choices
{
public:
    explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    bool empty() const noexcept { return bytes_.empty(); }
    /// A number below `count`.
    std::size_t below(std::size_t count)
    {
        if (bytes_.empty())
            return 0;
        const std::size_t value = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return value % count;
    }
    template <class T, std::size_t N>
    T one_of(const T (&values)[N])
    {
        return values[below(N)];
    }

private:
    std::span<const std::uint8_t> bytes_;
};

/// A graph of operators on float32 whose results change little when their operands do, so that two ways to compute
/// it can be compared. Nodes that their operator's definition refuses are left out.
compiler::Graph random_graph(Choices choices);

} // namespace furiosa::fuzz
