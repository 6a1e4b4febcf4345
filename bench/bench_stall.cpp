// Does the library leave the caller's loop alone? A 100 us ticker on a single-threaded io_context, while on that same
// loop coroutines load large models (from a server in another process, see fetch.sh, or from a folder) and create
// sessions that compile.
//
//     bench_stall [MEGABYTES]
//
// The peer is the ticker on the same loop with nothing else to do: what the machine itself takes away.

#include "statistics.hpp"
#include "support/temporary_directory.hpp"

#include <furiosa/furiosa.hpp>
#include <furiosa/store/digest.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <fstream>
#include <thread>

namespace {

namespace asio = boost::asio;
using namespace furiosa;
using namespace std::chrono_literals;

/// Serves one manifest and one large body, over and over, from a thread of its own.
class LargeServer
{
public:
    explicit LargeServer(std::size_t size) : body_(size, 'L')
    {
        const auto digest = store::digest_of(store::DigestAlgorithm::sha256, std::as_bytes(std::span(body_)));
        manifest_ = fmt::format(R"({{"format_version": 1, "models": [{{"name": "large", "format": "onnx", "artifacts": [
                                {{"kind": "onnx", "uri": "large.onnx", "size": {}, "sha256": "{}"}}]}}]}})",
                                size, digest.hex());
        thread_ = std::jthread([this] { serve(); });
    }
    ~LargeServer()
    {
        loop_.stop();
        acceptor_.close();
    }

    std::string uri() const { return fmt::format("http://127.0.0.1:{}", acceptor_.local_endpoint().port()); }

private:
    void serve()
    {
        asio::co_spawn(loop_, accept(), asio::detached);
        loop_.run();
    }
    asio::awaitable<void> accept()
    {
        for (;;)
            asio::co_spawn(loop_, answer(co_await acceptor_.async_accept(asio::use_awaitable)), asio::detached);
    }
    asio::awaitable<void> answer(asio::ip::tcp::socket socket)
    {
        for (std::string request;; ) {
            const auto size = co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", asio::use_awaitable);
            const auto& body = request.starts_with("GET /artifacts.json") ? manifest_ : body_;
            request.erase(0, size);
            const auto header = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.size());
            co_await asio::async_write(socket, asio::buffer(header), asio::use_awaitable);
            co_await asio::async_write(socket, asio::buffer(body), asio::use_awaitable);
        }
    }

    const std::string body_;
    std::string manifest_;
    asio::io_context loop_{1};
    asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
    std::jthread thread_;
};

/// Gaps between ticks, in microseconds, until `working` is false.
asio::awaitable<void> tick(const bool& working, std::vector<double>& gaps)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto last = bench::Clock::now();
    while (working) {
        timer.expires_at(last + 100us);
        co_await timer.async_wait(asio::use_awaitable);
        const auto now = bench::Clock::now();
        gaps.push_back(bench::microseconds(now - last));
        last = now;
    }
}

asio::awaitable<void> wait(bench::Clock::duration duration)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
}

struct Load
{
    Context& context;
    const std::string registry;
    bool downloading = true;
    int compiled = 0;

    asio::awaitable<void> download()
    {
        LoadOptions options(registry);
        options.context = &context;
        co_await load_model("large", options);
        downloading = false;
    }
    asio::awaitable<void> compile()
    {
        SessionOptions options("cpu(1)*1");
        options.context = &context;
        options.use_program_cache = false;
        const std::filesystem::path onnx = FURIOSA_EXAMPLES_REGISTRY "/digits/digits.onnx";
        for (; downloading; ++compiled)
            co_await create_session(onnx, options);
    }
};

/// Gaps of the ticker while `work` goes on beside it.
std::vector<double> gaps_beside(std::vector<asio::awaitable<void>> work)
{
    asio::io_context loop(1);
    std::vector<double> gaps;
    gaps.reserve(1 << 20);
    bool working = true;
    auto left = work.size();
    std::exception_ptr failure;
    asio::co_spawn(loop, tick(working, gaps), asio::detached);
    for (auto& one : work)
        asio::co_spawn(loop, std::move(one), [&](std::exception_ptr exception) {
            failure = failure ? failure : exception;
            working = --left != 0;
        });
    loop.run();
    if (failure)
        std::rethrow_exception(failure);
    return gaps;
}

void print(const char* what, const std::vector<double>& gaps)
{
    fmt::print("stall, {}: p50 {:.0f} us, p99 {:.0f} us, longest {:.0f} us of {} ticks\n", what, bench::percentile(gaps, 0.5),
               bench::percentile(gaps, 0.99), bench::percentile(gaps, 1), gaps.size());
}

} // namespace

int main(int argc, char** argv)
{
    const std::size_t megabytes = argc > 1 ? std::stoul(argv[1]) : 500;
    try {
        const furiosa::test::TemporaryDirectory folder;
        const LargeServer server(megabytes * 1'000'000);
        Context context;
        context.emplace<store::Store>(store::StoreOptions{folder.path()});

        std::vector<asio::awaitable<void>> nothing;
        nothing.push_back(wait(500ms));
        print("the loop alone", gaps_beside(std::move(nothing)));

        Load load{context, server.uri()};
        std::vector<asio::awaitable<void>> work;
        work.push_back(load.download());
        work.push_back(load.compile());
        const auto gaps = gaps_beside(std::move(work));
        print("beside the work", gaps);
        fmt::print("stall: p99 {:.0f} us (goal 1000) beside a download of {} MB and {} compilations\n",
                   bench::percentile(gaps, 0.99), megabytes, load.compiled);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
