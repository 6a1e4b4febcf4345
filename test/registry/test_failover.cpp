#include "support/fault_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/http/client.hpp>
#include <furiosa/registry/registries.hpp>
#include <furiosa/store/store.hpp>

#include "registry/place_memory.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using registry::Policy;
using registry::Registries;
using registry::Registry;

namespace {

/// Two places with the same registry: a manifest without models, and one artifact.
struct TwoPlaces
{
    TwoPlaces()
    {
        http::ClientOptions options;
        options.retry.first_backoff = std::chrono::milliseconds(1);
        options.retry.attempts = 2;
        options.proxy = {};
        options.netrc = "/dev/null";
        context.emplace<http::Client>(options);
        context.emplace<store::Store>(store::StoreOptions{folder.path() / "store", {}});
        for (auto* server : {&own, &mirror}) {
            serve(*server, "/models/artifacts.json", R"({"format_version": 1, "models": []})");
            serve(*server, "/models/net.onnx", content);
        }
    }

    static void serve(test::FaultServer& server, const std::string& target, std::string body, std::string etag = {})
    {
        test::Answer answer;
        answer.body = std::move(body);
        answer.etag = std::move(etag);
        server.serve(target, std::move(answer));
    }

    static void fail(test::FaultServer& server, const std::string& target)
    {
        test::Answer answer;
        answer.status = 500;
        server.serve(target, std::move(answer));
    }

    Registry registry() const
    {
        Registry made(own.uri("/models"));
        made.mirrors = {mirror.uri("/models")};
        return made;
    }

    std::shared_ptr<const registry::Manifest> manifest(Registry place)
    {
        return asio::co_spawn(context.io_executor(), context.use<Registries>().manifest(std::move(place)),
                              asio::use_future)
            .get();
    }

    SharedBytes artifact(Registry place, const std::string& target = "/models/net.onnx")
    {
        registry::ArtifactInfo info;
        info.size = content.size();
        info.digest = store::digest_of(store::DigestAlgorithm::sha256, std::as_bytes(std::span(content)));
        info.uris = {own.uri(target)};
        auto source = context.use<Registries>().source(info, std::move(place));
        const store::BlobRequest request{info.digest, info.size, "net"};
        return asio::co_spawn(context.io_executor(), context.use<store::Store>().fetch(request, source),
                              asio::use_future)
            .get();
    }

    const std::string content = std::string(100'000, 'n');
    test::TemporaryDirectory folder;
    test::FaultServer own, mirror;
    Context context{2};
};

} // namespace

TEST_CASE("while a registry answers its mirrors are not asked")
{
    TwoPlaces f;
    f.manifest(f.registry());
    CHECK(f.artifact(f.registry()).text() == f.content);
    CHECK(f.mirror.connection_count() == 0);
}

TEST_CASE("a dead registry is left for its mirror, and remembered")
{
    TwoPlaces f;
    f.fail(f.own, "/models/net.onnx");
    CHECK(f.artifact(f.registry()).text() == f.content);
    const auto asked = f.own.request_count("/models/net.onnx");
    CHECK(asked == 2);
    f.manifest(f.registry());
    CHECK(f.own.request_count("/models/artifacts.json") == 0);
    CHECK(f.mirror.request_count("/models/artifacts.json") == 1);
}

TEST_CASE("a registry that lies is left for its mirror, and remembered")
{
    TwoPlaces f;
    SECTION("with other bytes") { f.serve(f.own, "/models/net.onnx", std::string(100'000, 'x')); }
    SECTION("with fewer bytes") { f.serve(f.own, "/models/net.onnx", "short"); }
    SECTION("with more bytes") { f.serve(f.own, "/models/net.onnx", std::string(100'001, 'n')); }
    CHECK(f.artifact(f.registry()).text() == f.content);
    CHECK(f.own.request_count("/models/net.onnx") == 1);
    f.manifest(f.registry());
    CHECK(f.own.request_count("/models/artifacts.json") == 0);
}

TEST_CASE("bytes of which some came from a place that then died are fetched again from the other alone")
{
    TwoPlaces f;
    test::Answer broken;
    broken.body = std::string(100'000, 'x');
    broken.etag = "\"same\"";
    broken.drop_after = 50'000;
    f.own.serve("/models/net.onnx", broken);
    f.serve(f.mirror, "/models/net.onnx", f.content, "\"same\"");
    CHECK(f.artifact(f.registry()).text() == f.content);
}

TEST_CASE("when every place fails the last one's error is told")
{
    TwoPlaces f;
    f.fail(f.own, "/models/net.onnx");
    f.serve(f.mirror, "/models/net.onnx", std::string(100'000, 'x'));
    CHECK_THROWS_ERRC(f.artifact(f.registry()), errc::digest_mismatch);
}

TEST_CASE("a file that a place lacks is no reason to avoid it")
{
    TwoPlaces f;
    test::Answer missing;
    missing.status = 404;
    f.own.serve("/models/net.onnx", missing);
    CHECK(f.artifact(f.registry()).text() == f.content);
    f.manifest(f.registry());
    CHECK(f.own.request_count("/models/artifacts.json") == 1);
}

TEST_CASE("a place is avoided for a while, and never not asked at all")
{
    using Clock = registry::PlaceMemory::Clock;
    registry::PlaceMemory memory(std::chrono::seconds(300));
    const auto order = [&](Clock::time_point now) {
        std::vector<registry::Candidate> candidates{{{}, "a"}, {{}, "b"}, {{}, "c"}};
        memory.order(candidates, now);
        return candidates[0].place + candidates[1].place + candidates[2].place;
    };
    const Clock::time_point start{};
    CHECK(order(start) == "abc");
    memory.failed("a", start);
    CHECK(order(start) == "bca");
    CHECK(order(start + std::chrono::seconds(299)) == "bca");
    CHECK(order(start + std::chrono::seconds(300)) == "abc");
    memory.failed("b", start);
    memory.answered("b");
    CHECK(order(start) == "abc");
}

TEST_CASE("a manifest is asked for with its entity tag, and not sent again")
{
    TwoPlaces f;
    f.serve(f.own, "/models/artifacts.json", R"({"format_version": 1, "models": []})", "\"v1\"");
    f.manifest(f.registry());
    test::Answer unchanged;
    unchanged.status = 304;
    f.own.serve("/models/artifacts.json", unchanged);
    CHECK(f.manifest(f.registry())->models.empty());
    CHECK(f.own.requests("/models/artifacts.json").back().headers.at("if-none-match") == "\"v1\"");
}

TEST_CASE("a manifest that leads to nothing is asked for anew the next time")
{
    TwoPlaces f;
    auto registry = f.registry();
    registry.mirrors.clear();
    f.serve(f.own, "/models/artifacts.json", R"({"format_version": 1, "models": []})", "\"v1\"");
    f.manifest(registry);
    SECTION("since the file is not there") { CHECK_THROWS_ERRC(f.artifact(registry, "/models/jet.onnx"), errc::not_found); }
    SECTION("since the bytes are others")
    {
        f.serve(f.own, "/models/net.onnx", std::string(100'000, 'x'));
        CHECK_THROWS_ERRC(f.artifact(registry), errc::digest_mismatch);
    }
    f.manifest(registry);
    CHECK(f.own.requests("/models/artifacts.json").back().headers.count("if-none-match") == 0);
}

TEST_CASE("prefer_cache asks for a manifest once")
{
    TwoPlaces f;
    auto registry = f.registry();
    registry.policy = Policy::prefer_cache;
    f.manifest(registry);
    f.manifest(registry);
    CHECK(f.own.request_count("/models/artifacts.json") == 1);
}

TEST_CASE("offline takes what is in the store, and asks nobody")
{
    TwoPlaces f;
    auto offline = f.registry();
    SECTION("by the policy") { offline.policy = Policy::offline; }
    SECTION("by the environment")
    {
        ::setenv("FURIOSA_OFFLINE", "1", 1);
    }
    CHECK_THROWS_ERRC(f.manifest(offline), errc::not_in_store);
    CHECK_THROWS_ERRC(f.artifact(offline), errc::not_in_store);
    CHECK(f.own.connection_count() == 0);
    ::unsetenv("FURIOSA_OFFLINE");
    f.manifest(f.registry());
    f.artifact(f.registry());
    const auto connections = f.own.connection_count();
    offline.policy = Policy::offline;
    CHECK(f.manifest(offline)->models.empty());
    CHECK(f.artifact(offline).text() == f.content);
    CHECK(f.own.connection_count() == connections);
    CHECK(f.mirror.connection_count() == 0);
}

TEST_CASE("a token goes to its registry alone")
{
    TwoPlaces f;
    auto registry = f.registry();
    std::string expected;
    SECTION("from the options")
    {
        registry.token = "secret";
        expected = "Bearer secret";
    }
    SECTION("from the environment")
    {
        ::setenv("FURIOSA_TOKEN", "of-the-environment", 1);
        expected = "Bearer of-the-environment";
    }
    f.manifest(registry);
    f.fail(f.own, "/models/net.onnx");
    f.artifact(registry);
    ::unsetenv("FURIOSA_TOKEN");
    CHECK(f.own.requests("/models/artifacts.json").front().headers.at("authorization") == expected);
    CHECK(f.own.requests("/models/net.onnx").front().headers.at("authorization") == expected);
    CHECK(f.mirror.requests("/models/net.onnx").front().headers.count("authorization") == 0);
}

TEST_CASE("a token is not sent in the clear, nor is anything that is no token")
{
    TwoPlaces f;
    Registry clear("http://registry.example/models");
    clear.token = "secret";
    CHECK_THROWS_ERRC(f.manifest(clear), errc::invalid_argument);
    auto broken = f.registry();
    broken.token = "two words\r\nX: y";
    CHECK_THROWS_ERRC(f.manifest(broken), errc::invalid_argument);
    CHECK(f.own.connection_count() == 0);
}
