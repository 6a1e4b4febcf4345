#pragma once

#include <furiosa/session.hpp>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <vector>

namespace furiosa::cli {

/// Asks a session again and again, with as many queries in flight as wanted, and notes how long each takes. A query
/// is one run of the session's batch.
class QueryLoad
{
public:
    using Clock = std::chrono::steady_clock;

    /// The session's handlers run on `loop`, which `run` runs.
    QueryLoad(boost::asio::io_context& loop, Session& session, std::size_t in_flight);

    /// Asks until so many queries were begun or the time is over, whichever comes first, and waits for the last answer.
    /// Throws what a run failed with.
    void run(std::uint64_t queries, Clock::duration time);

    /// Of the last `run`, in microseconds and in no order.
    const std::vector<double>& latencies() const noexcept { return latencies_; }
    Clock::duration elapsed() const noexcept { return elapsed_; }

private:
    /// One query at a time, one after the other.
    struct Lane
    {
        std::vector<Tensor> tensors;
        std::vector<TensorView> outputs;
        Clock::time_point begin;
    };

    void next(Lane& lane);
    void answered(Lane& lane, std::exception_ptr failure);

    boost::asio::io_context& loop_;
    Session& session_;
    std::vector<Tensor> input_tensors_;
    std::vector<ConstTensorView> inputs_;
    std::deque<Lane> lanes_;
    std::uint64_t left_ = 0;
    Clock::time_point stop_;
    std::exception_ptr failure_;
    std::vector<double> latencies_;
    Clock::duration elapsed_{};
};

} // namespace furiosa::cli
