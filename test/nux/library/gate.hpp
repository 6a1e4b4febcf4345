#pragma once

#include "nux/library/device_name.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <vector>

namespace furiosa::test::nux {

/// Where each run waits for as long as the test wants, before anything is computed.
class Gate
{
public:
    using Clock = std::chrono::steady_clock;

    static Gate& instance();

    /// Blocks; gives the code that the run is to end with, or success: then it is to be computed. `ended` says that its
    /// session has ended.
    int pass(const Elements& elements, const std::atomic<bool>& ended);
    /// Sets `ended`, and sends the runs home that wait for it.
    void end(std::atomic<bool>& ended);

    void set_latency(unsigned long long microseconds);
    void set_latency(Elements elements, unsigned long long microseconds);
    void hold();
    void release(std::size_t count);
    void let_go();
    /// Sessions that are destroyed wait for `let_go`, too.
    void hold_destruction();
    void pass_to_destruction();
    void fail_next(int code);
    void reset();

    std::size_t started() const;
    /// On devices that share elements with this one.
    std::size_t started(const Elements& elements) const;
    void wait_for_started(std::size_t count) const;

private:
    using Waiting = std::list<Clock::time_point>; // when each is due

    // Under the mutex:
    Clock::duration latency_of(const Elements& elements) const;
    bool may_leave(Waiting::const_iterator run) const;
    void open();

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    Waiting waiting_; // in the order in which they came
    Clock::duration latency_{0};
    std::vector<std::pair<Elements, Clock::duration>> device_latencies_; // the last one counts
    int next_failure_ = 0;
    std::size_t released_ = 0;
    std::size_t started_ = 0;
    std::map<Elements, std::size_t> started_on_;
    bool holding_ = false;
    bool holding_destruction_ = false;
};

} // namespace furiosa::test::nux
