#pragma once

#include "support/chaos_proxy.hpp"

#include <atomic>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <utility>

namespace furiosa::test {

/// Which faults the requests of one run meet: the same for the same seed, as far as the requests come in the same
/// order.
class FaultPlan
{
public:
    explicit FaultPlan(std::uint64_t seed) : random_(seed)
    {
        // Most servers recover; one in eight never does.
        left_ = seed % 8 == 0 ? SIZE_MAX : 1 + random_() % 5;
    }

    /// The first request for the artifact meets this one and the others none, until `go_on`; few faults come after
    /// that. To be called before the first request.
    void hold_at(FaultOrder order)
    {
        left_ = random_() % 3;
        held_ = order;
        holding_ = true;
    }
    /// From now on the plan counts. From any thread.
    void go_on() noexcept { holding_ = false; }

    /// On the proxy's thread.
    FaultOrder next(const std::string& target)
    {
        if (off_)
            return {};
        const bool is_manifest = target.ends_with(".json");
        if (holding_)
            return is_manifest ? FaultOrder{} : std::exchange(held_, {});
        if (is_manifest)
            return random_() % 8 == 0 ? some_fault() : FaultOrder{};
        if (left_ == 0)
            return {};
        --left_;
        return some_fault();
    }

    /// From now on all goes well. From any thread.
    void switch_off() noexcept { off_ = true; }

private:
    FaultOrder some_fault()
    {
        FaultOrder order;
        order.fault = all_faults[random_() % std::size(all_faults)];
        order.place = std::uniform_real_distribution<>(0, 1)(random_);
        return order;
    }

    std::mt19937_64 random_;
    std::size_t left_;
    FaultOrder held_;
    std::atomic<bool> holding_ = false;
    std::atomic<bool> off_ = false;
};

} // namespace furiosa::test
