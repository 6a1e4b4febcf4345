#pragma once

#include "http/engine.hpp"
#include "http/exchange.hpp"

#include <furiosa/core/byte_sink.hpp>

#include <functional>
#include <optional>

namespace furiosa::http {

/// Carries out what a DownloadMachine decides, on connections of the pool.
class Transfer
{
public:
    using Clock = Connection::Clock;

    enum class End
    {
        done,
        unchanged,
        stopped
    };

    Transfer(Engine& engine, DownloadMachine& machine, ByteSink& sink,
             std::optional<Clock::time_point> deadline);

    /// Where a body goes, asked before each; null ends the transfer as `stopped`. Without it: the sink.
    std::function<ByteSink*(const DownloadMachine::TakeBody&)> choose_sink;
    /// Asked before each pause; true ends the transfer as `stopped`.
    std::function<bool()> gives_up;

    /// From the machine's first action to its last. Throws the Error that it fails with, errc::cancelled,
    /// timed_out, and what the sink throws.
    boost::asio::awaitable<End> run(DownloadMachine::Action action);

private:
    boost::asio::awaitable<DownloadMachine::Action> attempt(DownloadMachine::Ask ask);
    boost::asio::awaitable<std::optional<DownloadMachine::Action>>
    attempt_on_connection(const DownloadMachine::Ask& ask);
    boost::asio::awaitable<void> open(Connection& connection, const Uri& uri);
    boost::asio::awaitable<void> wait(std::chrono::milliseconds time);

    Engine& engine_;
    DownloadMachine& machine_;
    ByteSink* sink_;
    std::optional<Clock::time_point> deadline_;
    bool stopped_ = false;
};

} // namespace furiosa::http
