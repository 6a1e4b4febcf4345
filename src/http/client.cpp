#include "http/connection.hpp"
#include "http/exchange.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/client.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <random>

namespace furiosa::http {

namespace asio = boost::asio;

struct Client::Impl
{
    Impl(Context& c, ClientOptions o) : context(c), options(std::move(o)), engine(std::random_device()()) {}

    asio::awaitable<std::unique_ptr<Connection>> fresh(const Uri& uri);
    std::unique_ptr<Connection> take_idle(const Uri& uri);
    void keep(std::unique_ptr<Connection> connection);
    asio::awaitable<asio::ssl::context*> tls_context();

    asio::awaitable<void> run(DownloadMachine& machine, ByteSink& sink);
    asio::awaitable<DownloadMachine::Action> attempt(DownloadMachine& machine, const DownloadMachine::Ask& ask,
                                                     ByteSink& sink);
    asio::awaitable<std::optional<DownloadMachine::Action>> attempt_on(std::unique_ptr<Connection> connection,
                                                                       DownloadMachine& machine,
                                                                       const DownloadMachine::Ask& ask,
                                                                       ByteSink& sink);

    Context& context;
    ClientOptions options;
    std::mt19937_64 engine;
    std::optional<asio::ssl::context> tls;
    std::map<std::string, std::vector<std::unique_ptr<Connection>>> idle;
};

Client::Client(Context& context, ClientOptions options)
    : impl_(std::make_unique<Impl>(context, std::move(options)))
{
}

Client::~Client() = default;

void Client::shutdown() noexcept
{
    impl_->idle.clear();
}

asio::awaitable<void> Client::get(GetRequest request, ByteSink& sink)
{
    auto random = [this] { return std::uniform_real_distribution<double>(0, 1)(impl_->engine); };
    auto now = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); };
    DownloadMachine machine(std::move(request), impl_->options.retry, random, now);
    co_await impl_->run(machine, sink);
}

asio::awaitable<void> Client::Impl::run(DownloadMachine& machine, ByteSink& sink)
{
    auto action = machine.start(sink.position());
    for (;;) {
        if (const auto* ask = std::get_if<DownloadMachine::Ask>(&action)) {
            const auto copy = *ask;
            action = co_await attempt(machine, copy, sink);
        } else if (const auto* wait = std::get_if<DownloadMachine::Wait>(&action)) {
            asio::steady_timer timer(context.io_executor(), wait->time);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none)
                throw_error(errc::cancelled, "{}: cancelled while waiting to try again", machine.uri().redacted());
            action = machine.on_waited();
        } else if (const auto* fail = std::get_if<DownloadMachine::Fail>(&action)) {
            throw fail->error;
        } else {
            co_return;
        }
    }
}

asio::awaitable<DownloadMachine::Action> Client::Impl::attempt(DownloadMachine& machine,
                                                               const DownloadMachine::Ask& ask, ByteSink& sink)
{
    // The server may have closed an idle connection just now: that is no failure of the attempt.
    while (auto connection = take_idle(ask.uri)) {
        auto action = co_await attempt_on(std::move(connection), machine, ask, sink);
        if (action)
            co_return std::move(*action);
    }
    auto action = co_await attempt_on(nullptr, machine, ask, sink);
    co_return std::move(*action);
}

/// Nothing comes back when a reused connection turned out to be dead.
asio::awaitable<std::optional<DownloadMachine::Action>>
Client::Impl::attempt_on(std::unique_ptr<Connection> connection, DownloadMachine& machine,
                         const DownloadMachine::Ask& ask, ByteSink& sink)
{
    Exchange exchange(ask, options);
    std::optional<Error> failure;
    bool timed_out = false;
    try {
        if (!connection) {
            exchange.stage = Exchange::Stage::connecting;
            connection = std::make_unique<Connection>(context.io_executor(), ask.uri);
            auto* const secure = ask.uri.scheme == "https" ? co_await tls_context() : nullptr;
            co_await connection->open(secure, options.connect_timeout);
        }
        auto action = machine.on_response(co_await exchange.send_and_read_head(*connection));
        if (const auto* body = std::get_if<DownloadMachine::TakeBody>(&action)) {
            const auto offset = body->offset;
            const auto total = body->total;
            co_await sink.start(offset, total);
            co_await exchange.read_body(*connection, sink);
            action = machine.on_body_end();
        } else if (exchange.body_is_empty()) {
            exchange.finished = true;
        }
        if (exchange.may_keep_alive())
            keep(std::move(connection));
        co_return std::move(action);
    } catch (const Error& error) {
        if (error.code() != errc::tls_failed && error.code() != errc::truncated_body)
            throw; // the sink's own
        failure = error;
    } catch (const boost::system::system_error& error) {
        timed_out = connection && connection->timed_out();
        failure = exchange.explain(error.code(), timed_out);
    }
    if (connection && connection->reused && exchange.stage == Exchange::Stage::asking && !timed_out &&
        failure->code() != errc::cancelled)
        co_return std::nullopt;
    if (failure->code() == errc::cancelled)
        throw *failure;
    co_return machine.on_failure(*failure, sink.position());
}

std::unique_ptr<Connection> Client::Impl::take_idle(const Uri& uri)
{
    auto& connections = idle[uri.origin()];
    const auto oldest = Connection::Clock::now() - options.idle_connection_lifetime;
    std::erase_if(connections, [&](const auto& connection) { return connection->idle_since < oldest; });
    if (connections.empty()) {
        idle.erase(uri.origin());
        return nullptr;
    }
    auto connection = std::move(connections.back()); // the one used last is the likeliest to live
    connections.pop_back();
    connection->reused = true;
    return connection;
}

void Client::Impl::keep(std::unique_ptr<Connection> connection)
{
    connection->watch(Connection::Clock::duration::zero());
    connection->idle_since = Connection::Clock::now();
    auto& connections = idle[connection->origin()];
    if (connections.size() == options.idle_connections_per_origin)
        connections.erase(connections.begin());
    connections.push_back(std::move(connection));
}

/// Made once: reading the trusted authorities takes some ten milliseconds, so a worker does it.
asio::awaitable<asio::ssl::context*> Client::Impl::tls_context()
{
    if (!tls) {
        auto made = co_await context.offload([this] {
            asio::ssl::context fresh_context(asio::ssl::context::tls_client);
            fresh_context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                                      asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                                      asio::ssl::context::no_tlsv1_1);
            if (options.ca_file.empty())
                fresh_context.set_default_verify_paths();
            else
                fresh_context.load_verify_file(options.ca_file.native());
            return fresh_context;
        });
        if (!tls)
            tls.emplace(std::move(made));
    }
    co_return &*tls;
}

} // namespace furiosa::http
