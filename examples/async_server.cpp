// A web server with inference in it: one thread, one event loop, nothing that blocks it.
//
//     async_server [--port PORT] [--registry URI] [--device DEVICE]
//
//     GET  /health      200 when the model is ready, 503 before
//     POST /classify    an image of a digit (PNG, JPEG, BMP; white on black) → {"digit": "3", "probability": 0.97}
//
// Images are decoded on the workers, the model runs on the device; the loop only moves bytes.

#include "support/digit_image.hpp"

#include <furiosa/furiosa.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t largest_image = 8 * 1024 * 1024;

using Request = http::request<http::vector_body<std::byte>>;
using Response = http::response<http::string_body>;

struct Settings
{
    unsigned short port = 0;
    std::string registry = FURIOSA_EXAMPLES_REGISTRY;
    std::string device;
};

class Server
{
public:
    explicit Server(Settings settings) : settings_(std::move(settings)) {}

    /// Takes connections at once, and answers 503 until the model is there.
    asio::awaitable<void> run()
    {
        const auto executor = co_await asio::this_coro::executor;
        tcp::acceptor acceptor(executor, {asio::ip::address_v4::loopback(), settings_.port});
        fmt::print("listening on http://127.0.0.1:{}\n", acceptor.local_endpoint().port());
        std::fflush(stdout);
        asio::co_spawn(executor, accept(acceptor), asio::detached);
        co_await load();
        fmt::print("ready\n");
        std::fflush(stdout);
        asio::signal_set signals(executor, SIGINT, SIGTERM);
        co_await signals.async_wait(asio::use_awaitable);
        acceptor.close();
    }

private:
    asio::awaitable<void> load()
    {
        model_ = co_await furiosa::load_model("digits", settings_.registry);
        session_ = co_await furiosa::create_session(model_, settings_.device);
    }

    asio::awaitable<void> accept(tcp::acceptor& acceptor)
    {
        for (;;) {
            auto [error, socket] = co_await acceptor.async_accept(as_tuple);
            if (error)
                co_return;
            asio::co_spawn(socket.get_executor(), serve(beast::tcp_stream(std::move(socket))), asio::detached);
        }
    }

    asio::awaitable<void> serve(beast::tcp_stream stream)
    {
        beast::flat_buffer buffer;
        for (;;) {
            http::request_parser<http::vector_body<std::byte>> parser;
            parser.body_limit(largest_image);
            stream.expires_after(std::chrono::seconds(30));
            const auto [read_error, size] = co_await http::async_read(stream, buffer, parser, as_tuple);
            if (read_error && read_error != http::error::body_limit)
                co_return;
            auto response = text(http::status::payload_too_large, "the image is too large");
            if (!read_error)
                response = co_await answer(parser.get());
            response.keep_alive(!read_error && parser.get().keep_alive());
            response.prepare_payload();
            const auto [write_error, written] = co_await http::async_write(stream, response, as_tuple);
            if (write_error || !response.keep_alive())
                co_return;
        }
    }

    asio::awaitable<Response> answer(const Request& request)
    {
        if (request.target() == "/health")
            co_return session_ ? text(http::status::ok, "ready") : text(http::status::service_unavailable, "loading");
        if (request.target() != "/classify")
            co_return text(http::status::not_found, "POST an image to /classify");
        if (request.method() != http::verb::post)
            co_return text(http::status::method_not_allowed, "POST an image to /classify");
        if (!session_)
            co_return text(http::status::service_unavailable, "the model is still loading");
        co_return co_await classify(request);
    }

    asio::awaitable<Response> classify(const Request& request)
    {
        Response response;
        try {
            auto decode = [&request] { return examples::digit_image(request.body()); };
            std::vector<furiosa::Tensor> inputs;
            inputs.push_back(co_await model_.context().offload(decode));
            const auto outputs = co_await session_.run(std::move(inputs));
            const auto probabilities = outputs[0].as<float>();
            const auto best = static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
            response = text(http::status::ok, fmt::format(R"({{"digit": "{}", "probability": {:.4f}}})",
                                                          model_.labels().at(best), probabilities[best]));
            response.set(http::field::content_type, "application/json");
        } catch (const furiosa::Error& error) {
            const bool is_theirs = error.code() == furiosa::errc::invalid_argument;
            response = text(is_theirs ? http::status::bad_request : http::status::internal_server_error, error.what());
        }
        co_return response;
    }

    static Response text(http::status status, std::string body)
    {
        Response response(status, 11, std::move(body));
        response.set(http::field::content_type, "text/plain; charset=utf-8");
        return response;
    }

    const Settings settings_;
    furiosa::Model model_;
    furiosa::Session session_;
};

Settings parse(int argc, char** argv)
{
    Settings settings;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string option = argv[i];
        if (option == "--port")
            settings.port = static_cast<unsigned short>(std::stoul(argv[i + 1]));
        else if (option == "--registry")
            settings.registry = argv[i + 1];
        else if (option == "--device")
            settings.device = argv[i + 1];
        else
            throw std::invalid_argument("unknown option " + option);
    }
    return settings;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        asio::io_context loop(1);
        Server server(parse(argc, argv));
        std::exception_ptr failure;
        asio::co_spawn(loop, server.run(), [&](std::exception_ptr exception) {
            failure = exception;
            loop.stop();
        });
        loop.run();
        if (failure)
            std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        fmt::print(stderr, "async_server: {}\n", error.what());
        return 1;
    }
}
