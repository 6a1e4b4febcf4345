#include "compiler/memory_plan.hpp"

#include <algorithm>
#include <numeric>

namespace furiosa::compiler {

namespace {

constexpr std::uint64_t alignment = 64;

std::uint64_t align_up(std::uint64_t size)
{
    return (size + alignment - 1) / alignment * alignment;
}

bool overlap(const Lifetime& a, const Lifetime& b)
{
    return a.first <= b.last && b.first <= a.last;
}

} // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& lifetimes)
{
    std::vector<std::size_t> by_size(lifetimes.size());
    std::iota(by_size.begin(), by_size.end(), std::size_t{0});
    std::ranges::sort(by_size, [&](std::size_t a, std::size_t b) {
        return lifetimes[a].size != lifetimes[b].size ? lifetimes[a].size > lifetimes[b].size : a < b;
    });

    MemoryPlan plan;
    plan.offsets.resize(lifetimes.size());
    std::vector<std::size_t> placed; // by offset
    for (const auto i : by_size) {
        const auto size = align_up(lifetimes[i].size);
        std::uint64_t offset = 0;
        for (const auto other : placed) {
            if (!overlap(lifetimes[i], lifetimes[other]))
                continue;
            if (offset + size <= plan.offsets[other])
                break;
            offset = std::max(offset, plan.offsets[other] + align_up(lifetimes[other].size));
        }
        plan.offsets[i] = offset;
        plan.size = std::max(plan.size, offset + size);
        const auto behind = std::ranges::upper_bound(placed, offset, {}, [&](std::size_t j) { return plan.offsets[j]; });
        placed.insert(behind, i);
    }
    return plan;
}

} // namespace furiosa::compiler
