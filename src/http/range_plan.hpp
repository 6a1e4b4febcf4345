#pragma once

#include <furiosa/core/byte_range.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace furiosa::http {

/// Which connection fetches which bytes of one resource. Without I/O.
///
/// Ranges are given out from the front, so that the digest can follow; who finds none left takes over the
/// second half of the largest that is under way, so that one slow connection does not hold up the end.
class RangePlan
{
public:
    /// Ranges of `step` bytes; none is split into parts below `least` bytes.
    RangePlan(const std::vector<ByteRange>& missing, std::uint64_t step, std::uint64_t least);

    /// The next range for this lane. Another lane's range may have become shorter: `shortened` names it.
    struct Assignment
    {
        ByteRange range;
        std::optional<std::size_t> shortened;
    };
    std::optional<Assignment> take(std::size_t lane);
    /// The lane has the bytes before `position`.
    void advance(std::size_t lane, std::uint64_t position);
    std::uint64_t end_of(std::size_t lane) const { return lanes_[lane].last; }
    /// The lane stops: what it has not fetched is for others.
    void give_back(std::size_t lane);

private:
    ByteRange& lane(std::size_t index);

    std::deque<ByteRange> open_;
    std::vector<ByteRange> lanes_; // what each still has to fetch
    std::uint64_t least_;
};

} // namespace furiosa::http
