#include "http/transfer.hpp"

#include <furiosa/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace furiosa::http {

namespace asio = boost::asio;
using Action = DownloadMachine::Action;

Transfer::Transfer(Engine& engine, DownloadMachine& machine, ByteSink& sink,
                   std::optional<Clock::time_point> deadline)
    : engine_(engine),
      machine_(machine),
      sink_(&sink),
      deadline_(deadline)
{
}

asio::awaitable<Transfer::End> Transfer::run(Action action)
{
    for (;;) {
        if (const auto* ask = std::get_if<DownloadMachine::Ask>(&action)) {
            auto copy = *ask;
            action = co_await attempt(std::move(copy));
        } else if (const auto* pause = std::get_if<DownloadMachine::Wait>(&action)) {
            if (gives_up && gives_up())
                co_return End::stopped;
            co_await wait(pause->time);
            action = machine_.on_waited();
        } else if (const auto* fail = std::get_if<DownloadMachine::Fail>(&action)) {
            throw fail->error;
        } else if (std::holds_alternative<DownloadMachine::Unchanged>(action)) {
            co_return End::unchanged;
        } else {
            co_return stopped_ ? End::stopped : End::done;
        }
    }
}

asio::awaitable<void> Transfer::wait(std::chrono::milliseconds time)
{
    if (deadline_ && Clock::now() + time >= *deadline_)
        throw_error(errc::timed_out, "{}: the next attempt would come after the deadline",
                    machine_.uri().redacted());
    asio::steady_timer timer(engine_.context.io_executor(), time);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw_error(errc::cancelled, "{}: cancelled while waiting to try again", machine_.uri().redacted());
}

/// The server may have closed an idle connection just now: that is no failure of the attempt.
asio::awaitable<Action> Transfer::attempt(DownloadMachine::Ask ask)
{
    for (;;) {
        auto action = co_await attempt_on_connection(ask);
        if (action)
            co_return std::move(*action);
    }
}

asio::awaitable<void> Transfer::open(Connection& connection, const Uri& uri)
{
    auto* const secure = uri.scheme == "https" ? co_await engine_.tls() : nullptr;
    connection.watch({engine_.options.connect_timeout, 0, {}, deadline_});
    co_await connection.open(secure);
}

/// Nothing comes back when a reused connection turned out to be dead.
asio::awaitable<std::optional<Action>> Transfer::attempt_on_connection(const DownloadMachine::Ask& ask)
{
    auto connection = co_await engine_.take_connection(ask.uri);
    Exchange exchange(ask, engine_.options, deadline_);
    std::optional<Error> failure;
    try {
        if (!connection->is_open()) {
            exchange.stage = Exchange::Stage::connecting;
            co_await open(*connection, ask.uri);
        }
        auto action = machine_.on_response(co_await exchange.send_and_read_head(*connection));
        if (const auto* body = std::get_if<DownloadMachine::TakeBody>(&action)) {
            const auto take = *body;
            auto* const chosen = choose_sink ? choose_sink(take) : sink_;
            if (!chosen) {
                stopped_ = true;
                co_return Action(DownloadMachine::Done{});
            }
            sink_ = chosen;
            co_await sink_->start(take.offset, take.total);
            co_await exchange.read_body(*connection, *sink_, take.limit);
            action = machine_.on_body_end(sink_->position());
        } else if (exchange.body_is_empty()) {
            exchange.finished = true;
        }
        if (exchange.may_keep_alive())
            engine_.pool->keep(std::move(connection));
        co_return std::move(action);
    } catch (const Error& error) {
        if (error.code() != errc::tls_failed && error.code() != errc::proxy_failed)
            throw; // the sink's own
        failure = error.within(ask.uri.redacted());
    } catch (const boost::system::system_error& error) {
        failure = exchange.explain(error.code(), connection->verdict());
    }
    const bool peer_closed = connection->reused && exchange.stage == Exchange::Stage::asking &&
                             connection->verdict() == TransferWatch::Verdict::fine;
    if (failure->code() == errc::cancelled || failure->code() == errc::timed_out)
        throw *failure;
    if (peer_closed)
        co_return std::nullopt;
    co_return machine_.on_failure(*failure, sink_->position());
}

} // namespace furiosa::http
