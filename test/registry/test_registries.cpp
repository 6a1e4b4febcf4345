#include "support/fault_server.hpp"
#include "support/memory_sink.hpp"
#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/registry/catalog.hpp>
#include <furiosa/registry/registries.hpp>
#include <furiosa/registry/transport.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <sys/stat.h>

namespace asio = boost::asio;
using namespace furiosa;
using registry::Registries;

namespace {

constexpr auto empty_manifest = R"({"format_version": 1, "models": []})";

template <class T>
T get(Context& context, asio::awaitable<T> operation)
{
    return asio::co_spawn(context.io_executor(), std::move(operation), asio::use_future).get();
}

std::string fetch(Context& context, const std::string& uri, std::uint64_t max_size = 1000)
{
    test::MemorySink sink;
    http::GetRequest request;
    request.uri = http::Uri::parse(uri);
    request.max_size = max_size;
    get(context, registry::transport(context, request, sink));
    return sink.bytes;
}

} // namespace

TEST_CASE("a registry is named by its folder or by its manifest")
{
    CHECK(Registries::resolve_name("https://host/models") == "https://host/models/artifacts.json");
    CHECK(Registries::resolve_name("https://host/models/") == "https://host/models/artifacts.json");
    CHECK(Registries::resolve_name("https://host/models/artifacts.json") == "https://host/models/artifacts.json");
    CHECK(Registries::resolve_name("http://host") == "http://host/artifacts.json");
    CHECK(Registries::resolve_name("file:///srv/models") == "file:///srv/models/artifacts.json");
    CHECK(Registries::resolve_name("/srv/my models") == "file:///srv/my%20models/artifacts.json");
    const auto here = std::filesystem::current_path().native();
    CHECK(Registries::resolve_name("models") == "file://" + here + "/models/artifacts.json");
}

TEST_CASE("the registry without a name is FURIOSA_REGISTRY, else the public zoo")
{
    ::setenv("FURIOSA_REGISTRY", "http://host/mine", 1);
    CHECK(Registries::resolve_name("") == "http://host/mine/artifacts.json");
    ::setenv("FURIOSA_REGISTRY", "", 1);
    CHECK(Registries::resolve_name("") == registry::public_zoo);
    ::unsetenv("FURIOSA_REGISTRY");
    CHECK(Registries::resolve_name("") == registry::public_zoo);

    Context context(1);
    CHECK(get(context, context.use<Registries>().manifest(""))->models.size() == 8);
}

TEST_CASE("those who read one manifest at the same time share a request, later ones ask anew")
{
    test::FaultServer server;
    test::Answer answer;
    answer.body = empty_manifest;
    server.serve("/artifacts.json", answer);
    Context context(1);
    auto& registries = context.use<Registries>();
    std::vector<std::future<std::shared_ptr<const registry::Manifest>>> readers;
    // All are started before the I/O thread can answer any.
    asio::post(context.io_executor(), asio::use_future([&] {
                   for (int i = 0; i != 20; ++i)
                       readers.push_back(asio::co_spawn(context.io_executor(), registries.manifest(server.uri("")),
                                                        asio::use_future));
               }))
        .get();
    for (auto& reader : readers)
        CHECK(reader.get()->models.empty());
    CHECK(server.request_count("/artifacts.json") == 1);
    get(context, registries.manifest(server.uri("")));
    CHECK(server.request_count("/artifacts.json") == 2);
}

TEST_CASE("an artifact that is not at its first place is fetched from the next")
{
    test::FaultServer server;
    test::Answer answer;
    answer.body = "abc";
    server.serve("/second", answer);
    Context context(1);
    registry::ArtifactInfo artifact;
    artifact.size = 3;
    artifact.uris = {server.uri("/first"), server.uri("/second")};
    test::RangedMemorySink sink(3);
    get(context, context.use<Registries>().source(artifact, server.uri("")).pull(sink));
    CHECK(sink.bytes == "abc");
    CHECK(server.request_count("/first") == 1);
}

TEST_CASE("files are a transport")
{
    test::TemporaryDirectory folder;
    const auto file = folder.write("a file.bin", "0123456789");
    Context context(1);
    const auto uri = "file://" + folder.path().native() + "/a%20file.bin";
    CHECK(fetch(context, uri) == "0123456789");
    CHECK_THROWS_ERRC(fetch(context, uri, 9), errc::body_too_large);
    CHECK_THROWS_ERRC(fetch(context, "file://" + folder.path().native() + "/missing"), errc::not_found);
    CHECK_THROWS_ERRC(fetch(context, "file://" + file.parent_path().native() + "/a%20file.bin/below"), errc::not_found);
}

TEST_CASE("what is no regular file is refused, and not waited for")
{
    test::TemporaryDirectory folder;
    Context context(1);
    CHECK_THROWS_AS(fetch(context, "file://" + folder.path().native()), Error);
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_THROWS_AS(fetch(context, "file://" + pipe.native()), Error);
}

TEST_CASE("a scheme without a transport is a clear error")
{
    Context context(1);
    CHECK_THROWS_ERRC(fetch(context, "s3://bucket/key"), errc::unknown_scheme);
}

TEST_CASE("a manifest without end is cut off")
{
    test::FaultServer server;
    test::Answer answer;
    answer.body = empty_manifest;
    answer.claimed_length = registry::max_manifest_size + 1;
    server.serve("/artifacts.json", answer);
    Context context(1);
    CHECK_THROWS_ERRC(get(context, context.use<Registries>().manifest(server.uri(""))), errc::body_too_large);
}
