#pragma once

#include <furiosa/core/byte_range.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

namespace furiosa::store {

/// Which bytes of a file are there: disjoint ranges in order, those that touch are one.
class RangeSet
{
public:
    void insert(ByteRange range)
    {
        if (range.empty())
            return;
        auto at = ranges_.upper_bound(range.first);
        if (at != ranges_.begin() && std::prev(at)->second >= range.first)
            --at;
        while (at != ranges_.end() && at->first <= range.last) {
            range.first = std::min(range.first, at->first);
            range.last = std::max(range.last, at->second);
            at = ranges_.erase(at);
        }
        ranges_.emplace(range.first, range.last);
    }

    void clear() { ranges_.clear(); }

    /// The first byte from `position` on that is not there.
    std::uint64_t end_of_run(std::uint64_t position) const
    {
        const auto at = ranges_.upper_bound(position);
        if (at == ranges_.begin())
            return position;
        return std::max(position, std::prev(at)->second);
    }

    std::uint64_t total() const
    {
        std::uint64_t sum = 0;
        for (const auto& [first, last] : ranges_)
            sum += last - first;
        return sum;
    }

    std::vector<ByteRange> present() const
    {
        std::vector<ByteRange> list;
        for (const auto& [first, last] : ranges_)
            list.push_back({first, last});
        return list;
    }

    /// What of the first `size` bytes is not there, in order.
    std::vector<ByteRange> missing(std::uint64_t size) const
    {
        std::vector<ByteRange> list;
        std::uint64_t at = 0;
        for (const auto& [first, last] : ranges_) {
            if (at < first)
                list.push_back({at, first});
            at = last;
        }
        if (at < size)
            list.push_back({at, size});
        return list;
    }

private:
    std::map<std::uint64_t, std::uint64_t> ranges_; // first → last
};

} // namespace furiosa::store
