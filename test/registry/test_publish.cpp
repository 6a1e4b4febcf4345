#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/registry/manifest.hpp>
#include <furiosa/registry/publish.hpp>

#include <catch2/catch.hpp>

#include <sstream>

namespace fs = std::filesystem;
using namespace furiosa;
using registry::ArtifactKind;
using registry::publish;

namespace {

std::string read(const fs::path& path)
{
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

registry::Manifest manifest_of(const test::TemporaryDirectory& folder)
{
    return registry::parse_manifest(read(folder.path() / "artifacts.json"), "https://host/models/artifacts.json");
}

} // namespace

TEST_CASE("a folder of models becomes a registry")
{
    test::TemporaryDirectory folder;
    folder.write("mnist.onnx", "onnx of mnist");
    folder.write("mnist.warboy-2pe.enf", "enf of mnist");
    folder.write("resnet50@1.2/my net.onnx", "onnx of resnet");
    folder.write("resnet50@1.2/ranges.yaml", "ranges");
    folder.write("resnet50@1.2/warboy-1pe.enf", "enf of resnet");
    folder.write("notes.txt", "no model");
    folder.write(".hidden/x.onnx", "hidden");

    const auto published = publish(folder.path());
    CHECK(published.models == 2);
    CHECK(published.files.size() == 5);
    CHECK(published.added == published.files);
    CHECK(published.changed);

    const auto manifest = manifest_of(folder);
    const auto& mnist = manifest.at("mnist", "");
    REQUIRE(mnist.artifacts.size() == 2);
    CHECK(mnist.format == "onnx");
    CHECK(mnist.artifacts[0].uris.front() == "https://host/models/mnist.onnx");
    CHECK(mnist.artifacts[0].size == 13);
    CHECK(mnist.artifacts[0].digest ==
          store::digest_of(store::DigestAlgorithm::sha256, std::as_bytes(std::span(std::string_view("onnx of mnist")))));
    CHECK(mnist.artifacts[1].kind == ArtifactKind::enf);
    CHECK(mnist.artifacts[1].target == "warboy-2pe");
    const auto& resnet = manifest.at("resnet50@1.2", "");
    REQUIRE(resnet.artifacts.size() == 3);
    CHECK(resnet.artifacts[0].uris.front() == "https://host/models/resnet50@1.2/my%20net.onnx");
    CHECK(resnet.artifacts[1].kind == ArtifactKind::calibration);
    CHECK(resnet.artifacts[2].target == "warboy-1pe");
}

TEST_CASE("to publish again changes nothing, and renews only what has changed")
{
    test::TemporaryDirectory folder;
    folder.write("a.onnx", "one");
    publish(folder.path());
    const auto before = read(folder.path() / "artifacts.json");
    CHECK_FALSE(publish(folder.path()).changed);
    CHECK(read(folder.path() / "artifacts.json") == before);

    folder.write("a.onnx", "another");
    folder.write("b.onnx", "new");
    const auto published = publish(folder.path());
    CHECK(published.changed);
    CHECK(published.added == std::vector<std::string>{"b.onnx"});
    CHECK(manifest_of(folder).at("a", "").artifacts[0].size == 7);
}

TEST_CASE("what people wrote into artifacts.json stays")
{
    test::TemporaryDirectory folder;
    folder.write("files/net.onnx", "net");
    folder.write("artifacts.json", R"({"format_version": 1, "owner": {"team": "vision \"A\""}, "models": [
        {"name": "detector", "task": "object-detection", "labels": ["cat", "dog"], "size_on_chip": 3.5,
         "inputs": [{"name": "x", "data_type": "float32", "shape": [1, 3]}],
         "artifacts": [{"kind": "onnx", "uri": "files/net.onnx", "note": "by hand"},
                       {"kind": "enf", "target": "warboy-2pe", "uri": "https://else.where/net.enf", "size": 3,
                        "md5": "0123456789abcdef0123456789abcdef"}]}]})");
    const auto published = publish(folder.path());
    CHECK(published.added.empty());
    CHECK(published.models == 1);
    const auto text = read(folder.path() / "artifacts.json");
    CHECK(text.find(R"("team": "vision \"A\"")") != std::string::npos);
    CHECK(text.find(R"("note": "by hand")") != std::string::npos);
    CHECK(text.find(R"("labels": ["cat", "dog"])") != std::string::npos);
    CHECK(text.find(R"("size_on_chip": 3.5)") != std::string::npos);
    const auto manifest = manifest_of(folder);
    const auto& artifacts = manifest.at("detector", "").artifacts;
    REQUIRE(artifacts.size() == 2);
    CHECK(artifacts[0].size == 3);
    CHECK(artifacts[1].uris.front() == "https://else.where/net.enf");
}

TEST_CASE("what is gone leaves the manifest, and with its last file a model does")
{
    test::TemporaryDirectory folder;
    folder.write("a.onnx", "a");
    folder.write("a.yaml", "ranges");
    folder.write("b.onnx", "b");
    publish(folder.path());
    fs::remove(folder.path() / "a.yaml");
    fs::remove(folder.path() / "b.onnx");
    const auto published = publish(folder.path());
    CHECK(published.removed == std::vector<std::string>{"a.yaml", "b.onnx"});
    CHECK(published.models == 1);
    CHECK(manifest_of(folder).at("a", "").artifacts.size() == 1);
}

TEST_CASE("links that lead out of the folder are not published")
{
    test::TemporaryDirectory folder, secret;
    secret.write("key.onnx", "secret");
    fs::create_symlink(secret.path() / "key.onnx", folder.path() / "key.onnx");
    folder.write("a.onnx", "a");
    fs::create_symlink("a.onnx", folder.path() / "b.onnx");
    CHECK(publish(folder.path()).files == std::vector<std::string>{"a.onnx", "b.onnx"});
}

TEST_CASE("a folder that cannot be published is left as it was")
{
    test::TemporaryDirectory folder;
    CHECK_THROWS_ERRC(publish(folder.path() / "missing"), errc::file_not_found);
    folder.write("a.onnx", "a");
    std::string text;
    errc expected = errc::malformed_manifest;
    SECTION("for a manifest that is no JSON") { text = "{"; }
    SECTION("for a manifest of another form") { text = R"({"models": {"a": 1}})"; }
    SECTION("for one that leads out")
    {
        folder.write("inner/x.onnx", "x");
        text = R"({"models": [{"name": "x", "artifacts": [{"kind": "onnx", "uri": "inner/../../%2e%2e/etc/passwd"}]},
                              {"name": "y", "artifacts": [{"kind": "onnx", "uri": "inner/../a.onnx"}]}]})";
        expected = errc::uri_outside_registry;
    }
    folder.write("artifacts.json", text);
    CHECK_THROWS_ERRC(publish(folder.path()), expected);
    CHECK(read(folder.path() / "artifacts.json") == text);
}
