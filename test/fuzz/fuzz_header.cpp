// From the bytes of a response header to what the download decides.

#include "http/response_head.hpp"
#include "require.hpp"

#include <furiosa/core/error.hpp>

#include <boost/asio/buffer.hpp>

using namespace furiosa;
using http::DownloadMachine;

namespace {

constexpr std::uint64_t max_size = 1000;

std::optional<http::ResponseHead> parse(std::string_view bytes)
{
    boost::beast::http::response_parser<boost::beast::http::buffer_body> parser;
    parser.header_limit(64 * 1024);
    parser.body_limit(boost::none);
    parser.eager(false);
    boost::system::error_code code;
    parser.put(boost::asio::buffer(bytes), code);
    if (!parser.is_header_done())
        return std::nullopt;
    return http::response_head(parser);
}

/// What may come of an answer to a request for the bytes from `from` to `to`; the whole resource for none.
void check(const DownloadMachine::Action& action, std::uint64_t from, std::optional<std::uint64_t> to)
{
    if (const auto* body = std::get_if<DownloadMachine::TakeBody>(&action)) {
        REQUIRE(body->offset == 0 || body->offset == from);
        REQUIRE(body->whole == (body->offset == 0 && (from != 0 || !to || body->whole)) || !body->whole);
        REQUIRE(!body->total || *body->total <= max_size);
        REQUIRE(body->limit <= max_size);
    } else if (const auto* ask = std::get_if<DownloadMachine::Ask>(&action)) {
        REQUIRE(ask->uri.scheme == "https"); // never down to http, nor to a file
        const bool same_origin = ask->uri.origin() == "https://host:443";
        for (const auto& [name, value] : ask->headers) {
            REQUIRE(value.find_first_of("\r\n") == std::string::npos);
            REQUIRE(same_origin || name != "Authorization");
        }
    } else if (const auto* wait = std::get_if<DownloadMachine::Wait>(&action)) {
        REQUIRE(wait->time.count() >= 0 && wait->time <= std::chrono::seconds(30));
    }
}

DownloadMachine machine()
{
    http::GetRequest request;
    request.uri = http::Uri::parse("https://host/a/b");
    request.authorization = "Bearer secret";
    request.if_none_match = "\"known\"";
    request.max_size = max_size;
    return DownloadMachine(std::move(request), {}, [] { return 0.5; },
                           [] { return std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000)); });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto head = parse({reinterpret_cast<const char*>(data), size});
    if (!head)
        return 0;
    auto whole = machine();
    whole.start(0);
    check(whole.on_response(*head), 0, std::nullopt);
    auto rest = machine();
    rest.start(100, "\"version\"");
    check(rest.on_response(*head), 100, std::nullopt);
    auto range = machine();
    range.start_range({200, 300}, "\"version\"");
    check(range.on_response(*head), 200, 300);
    return 0;
}
