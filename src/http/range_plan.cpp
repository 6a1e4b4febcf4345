#include "http/range_plan.hpp"

#include <algorithm>

namespace furiosa::http {

RangePlan::RangePlan(const std::vector<ByteRange>& missing, std::uint64_t step, std::uint64_t least)
    : least_(least)
{
    for (auto range : missing) {
        while (range.size() >= step + least) {
            open_.push_back({range.first, range.first + step});
            range.first += step;
        }
        if (!range.empty())
            open_.push_back(range);
    }
}

ByteRange& RangePlan::lane(std::size_t index)
{
    if (index >= lanes_.size())
        lanes_.resize(index + 1);
    return lanes_[index];
}

std::optional<RangePlan::Assignment> RangePlan::take(std::size_t index)
{
    auto& mine = lane(index);
    if (!open_.empty()) {
        mine = open_.front();
        open_.pop_front();
        return Assignment{mine, std::nullopt};
    }
    const auto largest = std::ranges::max_element(
        lanes_, {}, [](const ByteRange& range) { return range.empty() ? 0 : range.size(); });
    if (largest->empty() || largest->size() < 2 * least_)
        return std::nullopt;
    const auto middle = largest->first + largest->size() / 2;
    mine = {middle, largest->last};
    largest->last = middle;
    return Assignment{mine, static_cast<std::size_t>(largest - lanes_.begin())};
}

void RangePlan::advance(std::size_t index, std::uint64_t position)
{
    auto& range = lane(index);
    range.first = std::min(position, range.last);
}

void RangePlan::give_back(std::size_t index)
{
    auto& range = lane(index);
    if (!range.empty())
        open_.push_front(range);
    range = {};
}

} // namespace furiosa::http
