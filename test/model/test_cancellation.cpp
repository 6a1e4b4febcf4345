#include "model/model_fixture.hpp"

#include <furiosa/core/run_until_complete.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using namespace std::chrono_literals;
using test::ModelFixture;

namespace {

/// The server says nothing more after the first bytes.
test::Answer stalling(const std::string& body)
{
    test::Answer answer;
    answer.body = body;
    answer.stall_after = 10;
    return answer;
}

struct Load
{
    asio::cancellation_signal stop;
    unsigned completions = 0;
    boost::system::error_code error;
    std::string sentence;

    void start(asio::io_context& loop, const LoadOptions& options)
    {
        async_load_model(loop.get_executor(), "net", options,
                         asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr failure, Model) {
                             ++completions;
                             error = code_of(failure);
                             try {
                                 if (failure)
                                     std::rethrow_exception(failure);
                             } catch (const std::exception& exception) {
                                 sentence = exception.what();
                             }
                         }));
    }
};

} // namespace

TEST_CASE("a load is cancelled by any type of cancellation, wherever it is")
{
    const auto type = GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial,
                               asio::cancellation_type::total);
    const std::string target = GENERATE("/artifacts.json", "/net.onnx");
    ModelFixture f;
    f.server.serve(target, stalling(target == "/net.onnx" ? f.onnx : f.manifest()));
    asio::io_context loop(1);
    Load load;
    load.start(loop, f.options());
    f.server.wait_for_requests(target, 1);
    load.stop.emit(type);
    loop.run();
    CHECK(load.completions == 1);
    CHECK(load.error == errc::cancelled);
    CHECK(load.error == boost::system::errc::operation_canceled);
    CHECK_THAT(load.sentence, Catch::Contains("'net'"));
    f.end();
    CHECK(f.stored_files() == 0);
}

TEST_CASE("a load that is cancelled leaves the others that wait for the same artifact alone")
{
    ModelFixture f;
    f.server.serve_once("/net.onnx", stalling(f.onnx));
    asio::io_context loop(1);
    Load first;
    Load second;
    first.start(loop, f.options());
    f.server.wait_for_requests("/net.onnx", 1);
    second.start(loop, f.options());
    f.server.wait_for_requests("/artifacts.json", 2);
    first.stop.emit(asio::cancellation_type::terminal);
    while (first.completions == 0)
        loop.run_one();
    CHECK(first.error == errc::cancelled);
    CHECK(second.completions == 0);
    second.stop.emit(asio::cancellation_type::terminal);
    loop.run();
    CHECK(second.completions == 1);
    CHECK(second.error == errc::cancelled);
}

namespace {

asio::awaitable<std::size_t> load_with_timeout(LoadOptions options)
{
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer deadline(co_await asio::this_coro::executor, 20ms);
    const auto outcome = co_await (load_model("net", options) || deadline.async_wait(asio::use_awaitable));
    co_return outcome.index();
}

} // namespace

TEST_CASE("Asio's awaitable operators give a load a timeout")
{
    ModelFixture f;
    f.server.serve("/net.onnx", stalling(f.onnx));
    CHECK(run_until_complete(load_with_timeout(f.options())) == 1);
    f.end();
    CHECK(f.stored_files() == 0);
}

TEST_CASE("destroying the context ends its loads with cancelled")
{
    asio::io_context loop(1);
    Load load;
    {
        ModelFixture f;
        f.server.serve("/net.onnx", stalling(f.onnx));
        load.start(loop, f.options());
        f.server.wait_for_requests("/net.onnx", 1);
    }
    loop.run();
    CHECK(load.completions == 1);
    CHECK(load.error == errc::cancelled);
}
