#include "download/registry_files.hpp"
#include "http/client_fixture.hpp"
#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"
#include "support/web_server.hpp"

#include <furiosa/registry/registries.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <functional>

namespace asio = boost::asio;
using namespace furiosa;
using namespace std::chrono_literals;
using test::ClientFixture;
using test::LoggedRequest;
using test::MemorySink;
using test::random_bytes;
using test::RangedMemorySink;
using test::WebServer;
using test::WebServerKind;

namespace {

constexpr std::size_t large = 20'000'000;

/// Each case runs once with each server that is installed.
std::unique_ptr<WebServer> some_web_server()
{
    const auto kind = GENERATE(WebServerKind::nginx, WebServerKind::caddy);
    CAPTURE(to_string(kind));
    if (WebServer::is_installed(kind))
        return std::make_unique<WebServer>(kind);
    WARN("skipped: " << to_string(kind) << " is not installed");
    return nullptr;
}

std::filesystem::file_time_type a_minute_ago()
{
    return std::filesystem::file_time_type::clock::now() - 60s;
}

http::ClientOptions parallel()
{
    auto options = test::quick();
    options.parallel_threshold = 1'000'000;
    options.parallel_below_rate = UINT64_MAX;
    return options;
}

http::GetRequest request_for(const std::string& uri)
{
    http::GetRequest request;
    request.uri = http::Uri::parse(uri);
    return request;
}

/// A store of its own, filled over HTTP.
struct StoreOverHttp
{
    StoreOverHttp(const std::filesystem::path& root, http::ClientOptions options)
        : store(context.emplace<store::Store>(store::StoreOptions{root}))
    {
        context.emplace<http::Client>(std::move(options));
    }

    SharedBytes fetch(const std::string& uri, const std::string& content, store::ProgressFunction progress = {})
    {
        registry::ArtifactInfo artifact;
        artifact.uris = {uri};
        artifact.size = content.size();
        artifact.digest = store::Digest::parse(store::DigestAlgorithm::sha256, test::sha256_of(content));
        const auto source = context.use<registry::Registries>().source(artifact, uri);
        return asio::co_spawn(context.io_executor(),
                              store.fetch({artifact.digest, artifact.size, "net.onnx"}, source, std::move(progress)),
                              asio::bind_cancellation_slot(stop.slot(), asio::use_future))
            .get();
    }

    /// The same, but it is cancelled when so many bytes have come.
    SharedBytes fetch_until(std::uint64_t bytes, const std::string& uri, const std::string& content)
    {
        return fetch(uri, content, [this, bytes](store::Progress progress) {
            if (progress.done > bytes)
                asio::post(context.io_executor(), [this] { stop.emit(asio::cancellation_type::terminal); });
        });
    }

    asio::cancellation_signal stop; // on the I/O thread
    Context context{2};
    store::Store& store;
};

/// Calls `on_version` when it is first told of which version the bytes are that now come.
struct WatchingSink : RangedMemorySink
{
    WatchingSink(std::size_t size, std::function<void()> call)
        : RangedMemorySink(size, 65536), on_version(std::move(call))
    {
    }
    void set_validator(std::string validator) override
    {
        RangedMemorySink::set_validator(std::move(validator));
        if (const auto call = std::exchange(on_version, nullptr))
            call();
    }

    std::function<void()> on_version;
};

} // namespace

TEST_CASE("a real server's file arrives as it is")
{
    const auto server = some_web_server();
    if (!server)
        return;
    const auto content = random_bytes(300'000, 1);
    server->publish("net.onnx", content);
    server->publish("nothing", "");
    ClientFixture fixture;
    const bool same = fixture.get(server->uri("/net.onnx")) == content;
    CHECK(same);
    CHECK(fixture.get(server->uri("/nothing")).empty());
    test::check_fails(fixture, server->uri("/elsewhere"), errc::not_found, "404");
}

TEST_CASE("a real server's redirects are followed, whichever their number")
{
    const auto server = some_web_server();
    if (!server)
        return;
    server->publish("net.onnx", "the network");
    ClientFixture fixture;
    for (const auto status : {301u, 302u, 307u, 308u}) {
        const auto target = fmt::format("/moved/{}/net.onnx", status);
        CHECK(fixture.get(server->uri(target)) == "the network");
        const auto requests = server->wait_for_requests(target, 1);
        REQUIRE(requests.size() == 1);
        CHECK(requests[0].status == status);
    }
}

TEST_CASE("a real server says that a file is the same as before, and its bytes are not sent again")
{
    const auto server = some_web_server();
    if (!server)
        return;
    server->publish("net.onnx", "the first version", a_minute_ago());
    ClientFixture fixture;
    MemorySink first, second, third;
    auto request = request_for(server->uri("/net.onnx"));
    request.if_none_match = fixture.start(request, first, asio::use_future).get().etag;
    REQUIRE_FALSE(request.if_none_match.empty());
    CHECK(fixture.start(request, second, asio::use_future).get().unchanged);
    CHECK(second.starts == 0);
    const auto requests = server->wait_for_requests("/net.onnx", 2);
    REQUIRE(requests.size() == 2);
    CHECK(requests[1].status == 304);

    server->publish("net.onnx", "the second version");
    CHECK_FALSE(fixture.start(request, third, asio::use_future).get().unchanged);
    CHECK(third.bytes == "the second version");
}

TEST_CASE("gzip is offered by a real server, and not taken")
{
    const auto server = some_web_server();
    if (!server)
        return;
    const std::string content(100'000, 'z');
    server->publish("labels.txt", content);
    const auto offered = test::ask(server->port(), "GET /labels.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                                   "Connection: close\r\nAccept-Encoding: gzip\r\n\r\n");
    REQUIRE_THAT(offered, Catch::Contains("gzip"));
    REQUIRE(offered.size() < content.size());
    ClientFixture fixture;
    MemorySink sink;
    fixture.get(server->uri("/labels.txt"), sink);
    const bool same = sink.bytes == content;
    CHECK(same);
    CHECK(sink.total == content.size()); // an encoded body would have come without its length
}

TEST_CASE("a large file comes from a real server over four connections, each range of the same version")
{
    const auto server = some_web_server();
    if (!server)
        return;
    const auto content = random_bytes(large, 2);
    server->publish("net.onnx", content);
    ClientFixture fixture(parallel());
    RangedMemorySink sink(large, 65536);
    fixture.get(server->uri("/net.onnx"), sink);
    const bool same = sink.bytes == content;
    CHECK(same);
    CHECK(sink.missing().empty());
    const auto requests = server->wait_for_requests("/net.onnx", 8);
    CHECK(requests.size() >= 8);
    std::size_t conditional = 0;
    for (const auto& request : requests) {
        CHECK(request.status == 206);
        CHECK_FALSE(request.range.empty());
        conditional += !request.if_range.empty();
    }
    CHECK(conditional == requests.size() - 1); // all but the first, which asks of which version they are
}

TEST_CASE("a download from a real server that broke off is gone on with by the next process's store")
{
    const auto server = some_web_server();
    if (!server)
        return;
    const auto content = random_bytes(large, 3);
    server->publish("net.onnx", content);
    test::TemporaryDirectory folder;
    auto options = test::quick();
    options.parallel_connections = GENERATE(1u, 4u);
    options.parallel_threshold = 1'000'000;
    options.parallel_below_rate = UINT64_MAX;
    {
        StoreOverHttp f(folder.path(), options);
        CHECK_THROWS_ERRC(f.fetch_until(large / 2, server->uri("/net.onnx"), content), errc::cancelled);
    }
    const auto before = server->requests("/net.onnx").size();
    StoreOverHttp f(folder.path(), options);
    const bool same = f.fetch(server->uri("/net.onnx"), content).text() == content;
    CHECK(same);
    CHECK(f.store.counters().resumed == 1);
    CHECK(test::wrong_blobs(folder.path()).empty());
    const auto requests = server->wait_for_requests("/net.onnx", before + 1);
    REQUIRE(requests.size() > before);
    const auto& last = requests.back();
    CHECK(last.status == 206);
    CHECK_FALSE(last.range.empty());
    CHECK_FALSE(last.if_range.empty());
}

TEST_CASE("a file that a real server replaces during a download comes in its new version, not mixed")
{
    const auto server = some_web_server();
    if (!server)
        return;
    const auto old_content = random_bytes(large, 4);
    const auto new_content = random_bytes(large, 5);
    server->publish("net.onnx", old_content, a_minute_ago());
    ClientFixture fixture(parallel());
    WatchingSink sink(large, [&] { server->publish("net.onnx", new_content); });
    fixture.get(server->uri("/net.onnx"), sink);
    const bool is_new = sink.bytes == new_content;
    CHECK(is_new);
    CHECK(sink.missing().empty());
}

TEST_CASE("a file that was replaced since its manifest was written is refused, and leaves nothing")
{
    const auto server = some_web_server();
    if (!server)
        return;
    const auto promised = random_bytes(large, 6);
    test::TemporaryDirectory folder;
    StoreOverHttp f(folder.path(), parallel());
    server->publish("net.onnx", random_bytes(large, 7));
    CHECK_THROWS_ERRC(f.fetch(server->uri("/net.onnx"), promised), errc::digest_mismatch);
    server->publish("net.onnx", random_bytes(large + 1, 7));
    CHECK_THROWS_ERRC(f.fetch(server->uri("/net.onnx"), promised), errc::size_mismatch);
    CHECK(std::filesystem::is_empty(folder.path() / "partial"));

    server->publish("net.onnx", promised);
    const bool same = f.fetch(server->uri("/net.onnx"), promised).text() == promised;
    CHECK(same);
}

TEST_CASE("a file that is replaced within the second, under the same entity tag, is found out by its digest")
{
    const auto server = some_web_server();
    if (!server)
        return;
    const auto promised = random_bytes(large, 8);
    const auto other = random_bytes(large, 9);
    // Real servers make entity tags of a file's size and its time in seconds.
    const auto second = a_minute_ago();
    server->publish("net.onnx", other, second);
    test::TemporaryDirectory folder;
    StoreOverHttp f(folder.path(), parallel());
    bool replaced = false;
    const auto replace = [&](store::Progress progress) {
        if (progress.done != 0 && !std::exchange(replaced, true))
            server->publish("net.onnx", promised, second);
    };
    CHECK_THROWS_ERRC(f.fetch(server->uri("/net.onnx"), promised, replace), errc::digest_mismatch);
    CHECK(test::wrong_blobs(folder.path()).empty());
    const bool same = f.fetch(server->uri("/net.onnx"), promised).text() == promised;
    CHECK(same);
}
