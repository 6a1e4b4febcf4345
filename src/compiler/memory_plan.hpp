#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace furiosa::compiler {

/// Memory that is needed from one operator of a program to another, both included.
struct Lifetime
{
    std::uint64_t size = 0;
    std::size_t first = 0;
    std::size_t last = 0;
};

struct MemoryPlan
{
    std::vector<std::uint64_t> offsets; ///< of each lifetime, multiples of 64
    std::uint64_t size = 0;
};

/// Places everything in one arena: what lives at the same time lies apart, what does not may share.
/// The largest are placed first, each at the lowest place that is free for its whole life.
MemoryPlan plan_memory(const std::vector<Lifetime>& lifetimes);

} // namespace furiosa::compiler
