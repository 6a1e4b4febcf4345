#include "http/engine.hpp"
#include "http/parallel_download.hpp"
#include "http/transfer.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/client.hpp>

namespace furiosa::http {

namespace asio = boost::asio;

struct Client::Impl
{
    Impl(Context& context, ClientOptions options) : engine(context, std::move(options)) {}

    Engine engine;
};

namespace {

std::optional<Connection::Clock::time_point> deadline_of(const GetRequest& request)
{
    if (request.deadline == std::chrono::milliseconds::zero())
        return std::nullopt;
    return Connection::Clock::now() + request.deadline;
}

} // namespace

Client::Client(Context& context, ClientOptions options)
    : impl_(std::make_unique<Impl>(context, std::move(options)))
{
}

Client::~Client() = default;

void Client::shutdown() noexcept
{
    impl_->engine.pool->shutdown();
}

asio::awaitable<GetResult> Client::get(GetRequest request, ByteSink& sink)
{
    const auto deadline = deadline_of(request);
    co_await impl_->engine.add_credentials(request);
    auto machine = impl_->engine.machine_for(std::move(request));
    Transfer transfer(impl_->engine, machine, sink, deadline);
    const auto end = co_await transfer.run(machine.start(sink.position()));
    co_return GetResult{end == Transfer::End::unchanged, machine.etag()};
}

asio::awaitable<GetResult> Client::get(GetRequest request, RangedSink& sink)
{
    auto& engine = impl_->engine;
    const auto deadline = deadline_of(request);
    co_await engine.add_credentials(request);
    bool trusted = true;
    if (engine.options.parallel_connections > 1 && sink.size() >= engine.options.parallel_threshold &&
        !sink.missing().empty()) {
        ParallelDownload download(engine, request, sink, deadline);
        trusted = co_await download.run();
        if (trusted)
            co_return GetResult{false, sink.validator()};
    }
    auto machine = engine.machine_for(std::move(request));
    Transfer transfer(engine, machine, sink, deadline);
    transfer.choose_sink = [&](const DownloadMachine::TakeBody&) {
        sink.set_validator(machine.validator());
        return &sink;
    };
    // What came from a resource that is no more is worth nothing: then all is asked for.
    auto first = trusted ? machine.start(sink.position(), sink.validator()) : machine.start(0);
    const auto end = co_await transfer.run(std::move(first));
    co_return GetResult{end == Transfer::End::unchanged, machine.etag()};
}

} // namespace furiosa::http
