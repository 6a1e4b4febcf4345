#pragma once

#include "registry/places.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace furiosa::registry {

/// Which places were dead or lying lately: they are asked after the others, but never not at all.
class PlaceMemory
{
public:
    using Clock = std::chrono::steady_clock;

    explicit PlaceMemory(Clock::duration avoid_for) : avoid_for_(avoid_for) {}

    void failed(const std::string& place, Clock::time_point now) { avoided_until_[place] = now + avoid_for_; }
    void answered(const std::string& place) { avoided_until_.erase(place); }

    /// Those to be avoided go last; otherwise the order stays.
    void order(std::vector<Candidate>& candidates, Clock::time_point now)
    {
        std::erase_if(avoided_until_, [&](const auto& entry) { return entry.second <= now; });
        std::vector<Candidate> avoided;
        std::erase_if(candidates, [&](const Candidate& candidate) {
            const bool is_avoided = avoided_until_.contains(candidate.place);
            if (is_avoided)
                avoided.push_back(candidate);
            return is_avoided;
        });
        candidates.insert(candidates.end(), avoided.begin(), avoided.end());
    }

private:
    Clock::duration avoid_for_;
    std::map<std::string, Clock::time_point> avoided_until_;
};

} // namespace furiosa::registry
