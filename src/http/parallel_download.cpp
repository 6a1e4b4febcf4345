#include "http/parallel_download.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace furiosa::http {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t least_range = 2 * 1024 * 1024;
constexpr std::uint64_t largest_range = 32 * 1024 * 1024;
constexpr std::chrono::milliseconds rate_window{50};

/// Large, since each range costs a round trip; small, since the digest follows from the front and has to wait
/// for what others fetch ahead of it.
std::uint64_t range_size(std::uint64_t total, std::size_t connections)
{
    return std::clamp(total / (2 * connections), least_range, largest_range);
}

} // namespace

ParallelDownload::ParallelDownload(Engine& engine, GetRequest request, RangedSink& sink,
                                   std::optional<Connection::Clock::time_point> deadline)
    : engine_(engine),
      request_(std::move(request)),
      sink_(sink),
      deadline_(deadline),
      plan_(sink.missing(), range_size(sink.size(), engine.options.parallel_connections), least_range),
      ended_(engine.context.io_executor(), asio::steady_timer::time_point::max()),
      rate_timer_(engine.context.io_executor())
{
}

asio::awaitable<bool> ParallelDownload::run()
{
    start_lane();
    bool cancelled = false;
    while (running_ != 0) {
        co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (!cancelled && state.cancelled() != asio::cancellation_type::none) {
            cancelled = true;
            // The lanes use this object: they must have ended before it may go.
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            stop_all();
        }
    }
    if (cancelled)
        throw_error(errc::cancelled, "{}: the download was cancelled", request_.uri.redacted());
    if (failure_)
        std::rethrow_exception(failure_);
    co_return !distrusted_;
}

void ParallelDownload::start_lane()
{
    const auto index = lanes_.size();
    lanes_.push_back(std::make_unique<Lane>());
    ++running_;
    ++willing_;
    asio::co_spawn(engine_.context.io_executor(), run_lane(index),
                   asio::bind_cancellation_slot(lanes_[index]->stop.slot(),
                                                [this](std::exception_ptr failure) { end_lane(failure); }));
}

/// Looks every now and then whether the first lane alone is fast enough.
void ParallelDownload::watch_rate()
{
    measured_position_ = sink_.position();
    rate_timer_.expires_after(rate_window);
    rate_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
        if (error || alive.expired() || stopping_ || running_ == 0)
            return;
        const auto bytes = sink_.position() - measured_position_;
        const auto rate = static_cast<double>(bytes) / std::chrono::duration<double>(rate_window).count();
        if (rate < static_cast<double>(engine_.options.parallel_below_rate))
            start_other_lanes();
        else
            watch_rate();
    });
}

void ParallelDownload::start_other_lanes()
{
    while (lanes_.size() < engine_.options.parallel_connections)
        start_lane();
}

asio::awaitable<void> ParallelDownload::run_lane(std::size_t index)
{
    while (!stopping_) {
        for (std::size_t i = 0; i != lanes_.size(); ++i)
            if (lanes_[i]->part)
                plan_.advance(i, lanes_[i]->part->position());
        const auto assignment = plan_.take(index);
        if (!assignment) {
            --willing_;
            co_return;
        }
        if (assignment->shortened) {
            auto& other = *lanes_[*assignment->shortened];
            const auto end = plan_.end_of(*assignment->shortened);
            other.part->set_end(end);
            other.machine->set_end(end);
        }
        const bool goes_on = co_await fetch_range(index, assignment->range);
        if (!goes_on)
            co_return;
    }
}

/// False: this lane is to end.
asio::awaitable<bool> ParallelDownload::fetch_range(std::size_t index, ByteRange range)
{
    auto& lane = *lanes_[index];
    auto machine = engine_.machine_for(request_);
    lane.part = sink_.part(range);
    lane.machine = &machine;
    Transfer transfer(engine_, machine, *lane.part, deadline_);
    transfer.choose_sink = [&](const DownloadMachine::TakeBody& body) {
        return choose_sink(index, machine, body);
    };
    transfer.gives_up = [&] {
        if (!machine.is_throttled() || willing_ == 1)
            return false;
        --willing_;
        return true;
    };
    std::exception_ptr failure;
    auto end = Transfer::End::stopped;
    try {
        end = co_await transfer.run(machine.start_range(range, sink_.validator()));
    } catch (const Error& error) {
        // A version that is no more, or a server that mixes ranges up, may still have the whole.
        if (error.code() == errc::malformed_response || error.code() == errc::request_rejected)
            distrusted_ = true;
        failure = std::current_exception();
    } catch (...) {
        failure = std::current_exception();
    }
    plan_.advance(index, lane.part->position());
    lane.machine = nullptr;
    lane.part.reset();
    plan_.give_back(index);
    if (distrusted_) {
        stop_all();
        co_return false;
    }
    if (failure)
        std::rethrow_exception(failure);
    co_return end == Transfer::End::done;
}

ByteSink* ParallelDownload::choose_sink(std::size_t index, const DownloadMachine& machine,
                                        const DownloadMachine::TakeBody& body)
{
    if (body.whole && lanes_.size() == 1) {
        stopping_ = true; // this lane brings everything
        sink_.set_validator(machine.validator());
        return &sink_;
    }
    if (body.whole || machine.validator().empty()) {
        distrusted_ = true;
        return nullptr;
    }
    sink_.set_validator(machine.validator());
    if (engine_.options.parallel_below_rate == UINT64_MAX)
        start_other_lanes();
    else if (!std::exchange(watching_rate_, true))
        watch_rate();
    return lanes_[index]->part.get();
}

void ParallelDownload::stop_all()
{
    stopping_ = true;
    for (auto& lane : lanes_)
        lane->stop.emit(asio::cancellation_type::terminal);
}

/// The failure of one lane is that of the download.
void ParallelDownload::end_lane(std::exception_ptr failure)
{
    --running_;
    if (failure && !stopping_) {
        failure_ = failure;
        stop_all();
    } else if (failure && !failure_ && !distrusted_) {
        failure_ = failure;
    }
    if (running_ == 0)
        ended_.cancel();
}

} // namespace furiosa::http
