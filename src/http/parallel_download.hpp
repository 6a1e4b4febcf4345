#pragma once

#include "http/engine.hpp"
#include "http/range_plan.hpp"
#include "http/transfer.hpp"

#include <furiosa/core/byte_sink.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace furiosa::http {

/// One resource over several connections: each lane fetches one range after another into its place in the
/// sink.
///
/// The first lane goes ahead alone: its answer says whether the server knows ranges and which version of the
/// resource it has; the others ask for that version only, and join when it turns out slow. A server that
/// knows no ranges sends the whole to the first lane, and no other one starts. A lane that the server
/// throttles leaves its range to the others.
class ParallelDownload
{
public:
    ParallelDownload(Engine& engine, GetRequest request, RangedSink& sink,
                     std::optional<Connection::Clock::time_point> deadline);

    /// False: the resource changed under way, or its ranges are not to be trusted, and it must be fetched in
    /// one piece. Throws what a Transfer throws. Either way no lane runs any more.
    boost::asio::awaitable<bool> run();

private:
    struct Lane
    {
        boost::asio::cancellation_signal stop;
        std::unique_ptr<RangedSink::Part> part;
        DownloadMachine* machine = nullptr;
    };

    void start_lane();
    boost::asio::awaitable<void> run_lane(std::size_t index);
    boost::asio::awaitable<bool> fetch_range(std::size_t index, ByteRange range);
    ByteSink* choose_sink(std::size_t index, const DownloadMachine& machine,
                          const DownloadMachine::TakeBody& body);
    void start_other_lanes();
    void watch_rate();
    void stop_all();
    void end_lane(std::exception_ptr failure);

    Engine& engine_;
    GetRequest request_;
    RangedSink& sink_;
    std::optional<Connection::Clock::time_point> deadline_;
    RangePlan plan_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::size_t running_ = 0;
    std::size_t willing_ = 0;         // lanes that will take up what others leave
    boost::asio::steady_timer ended_; // never expires; cancelled when the last lane ends
    std::exception_ptr failure_;
    boost::asio::steady_timer rate_timer_;
    std::uint64_t measured_position_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); // for the timer's handler
    bool watching_rate_ = false;
    bool distrusted_ = false;
    bool stopping_ = false;
};

} // namespace furiosa::http
