#include "model/model_fixture.hpp"
#include "support/certificates.hpp"

#include <catch2/catch.hpp>

using namespace furiosa;
using test::ModelFixture;

namespace {

/// Loads `name`, which must fail so, with a sentence that names the model and what else is asked for.
std::string failure_of(const std::string& name, const LoadOptions& options, errc expected, const std::string& named)
{
    try {
        blocking::load_model(name, options);
        FAIL_CHECK("it was loaded");
        return "";
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == expected);
        CHECK_THAT(error.what(), Catch::Contains("'" + name + "'"));
        CHECK_THAT(error.what(), Catch::Contains(named));
        return error.what();
    }
}

test::Answer status(unsigned code)
{
    test::Answer answer;
    answer.status = code;
    return answer;
}

} // namespace

TEST_CASE("a model that is not in the registry: the nearest names")
{
    ModelFixture f;
    CHECK_THAT(failure_of("nett", f.options(), errc::unknown_model, f.server.uri("/artifacts.json")), Catch::Contains("net"));
    CHECK_THAT(failure_of("resnet50", f.options("furiosa-public-zoo"), errc::unknown_model, "furiosa-public-zoo"),
               Catch::Contains("ResNet50"));
}

TEST_CASE("a registry that cannot be reached: each way has its error")
{
    ModelFixture f;
    failure_of("net", f.options("ftp://host/models"), errc::unknown_scheme, "ftp://host/models");
    failure_of("net", f.options("http://no-such-host.invalid/models"), errc::host_not_found, "no-such-host.invalid");
    const auto nobody = fmt::format("http://127.0.0.1:{}", test::unused_port());
    failure_of("net", f.options(nobody), errc::connection_refused, nobody);
    failure_of("net", f.options("http://[broken"), errc::invalid_uri, "http://[broken");
    failure_of("net", f.options((f.folder.path() / "nowhere").native()), errc::not_found, "nowhere/artifacts.json");
}

TEST_CASE("a server whose certificate nobody vouches for is not believed")
{
    ModelFixture f;
    const test::CertificateAuthority unknown;
    const test::FaultServer server(unknown.issue("127.0.0.1"));
    const auto uri = fmt::format("https://127.0.0.1:{}", server.port());
    failure_of("net", f.options(uri), errc::tls_failed, uri);
}

TEST_CASE("a manifest that the server does not give, or that is none")
{
    ModelFixture f;
    const auto uri = f.server.uri("/artifacts.json");
    f.server.serve("/artifacts.json", status(404));
    failure_of("net", f.options(), errc::not_found, uri);
    f.server.serve("/artifacts.json", status(503));
    failure_of("net", f.options(), errc::server_error, uri);
    f.server.serve("/artifacts.json", status(403));
    failure_of("net", f.options(), errc::request_rejected, uri);
    f.serve("/artifacts.json", R"({"format_version": 1, "models": [{"name": 3}]})");
    failure_of("net", f.options(), errc::malformed_manifest, "models[0].name");
    f.serve("/artifacts.json", R"({"format_version": 1, "models": [{"name": "net", "artifacts": [)" +
                                   test::artifact_json("onnx", "../net.onnx", "abc") + "]}]}");
    failure_of("net", f.options(), errc::uri_outside_registry, "../net.onnx");
}

TEST_CASE("an artifact that does not come whole and right leaves nothing behind")
{
    ModelFixture f;
    const auto uri = f.server.uri("/net.onnx");
    const auto fails_with = [&](test::Answer answer, errc expected) {
        f.server.serve("/net.onnx", std::move(answer));
        failure_of("net", f.options(), expected, uri);
        CHECK(f.stored_files() == 0);
    };
    fails_with(status(404), errc::not_found);
    fails_with(status(500), errc::server_error);

    test::Answer answer;
    answer.body = f.onnx;
    answer.drop_after = 100'000;
    fails_with(answer, errc::truncated_body);

    answer = {};
    answer.body = f.onnx + "!";
    fails_with(answer, errc::size_mismatch);

    answer = {};
    answer.body = f.onnx.substr(1);
    fails_with(answer, errc::size_mismatch);

    answer = {};
    answer.body = f.onnx;
    answer.body[200'000] ^= 1;
    fails_with(answer, errc::digest_mismatch);

    f.serve("/net.onnx", f.onnx);
    CHECK(blocking::load_model("net", f.options()).source_artifact().bytes()->text() == f.onnx);
}

TEST_CASE("a store that cannot be written")
{
    ModelFixture f;
    Context context(1);
    const auto file = f.folder.write("a file", "in the way");
    context.emplace<store::Store>(store::StoreOptions{file / "store"});
    auto options = f.options();
    options.context = &context;
    failure_of("net", options, errc::store_not_writable, file.native());
}

TEST_CASE("secrets in a URI do not reach the error")
{
    ModelFixture f;
    const auto port = test::unused_port();
    const auto sentence = failure_of("net", f.options(fmt::format("http://user:secret@127.0.0.1:{}/m", port)),
                                     errc::connection_refused, "127.0.0.1");
    CHECK_THAT(sentence, !Catch::Contains("secret"));
}
