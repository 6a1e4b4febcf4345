#include "support/throws_errc.hpp"

#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/registry/manifest.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>

using namespace furiosa;
using registry::ArtifactKind;
using registry::parse_manifest;

namespace {

constexpr auto uri = "http://host/models/artifacts.json";

/// A manifest with one model, whose one artifact has this URI.
std::string manifest_with_uri(std::string_view artifact_uri)
{
    return fmt::format(R"({{"format_version": 1, "models": [{{"name": "m", "artifacts": [
        {{"kind": "onnx", "uri": "{}", "size": 3, "md5": "900150983cd24fb0d6963f7d28e17f72"}}]}}]}})",
                       artifact_uri);
}

std::string sentence_of(const std::string& json, errc expected = errc::malformed_manifest)
{
    try {
        parse_manifest(json, uri);
        FAIL_CHECK("this was accepted: " << json.substr(0, 200));
        return "";
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == expected);
        CHECK_THAT(error.what(), Catch::Contains("http://host/models"));
        return error.what();
    }
}

} // namespace

TEST_CASE("a manifest says all that a model is")
{
    const auto manifest = parse_manifest(R"({
      "format_version": 1,
      "models": [{
        "name": "net", "format": "onnx", "family": "Net", "version": "v2", "task": "object-detection",
        "metadata": {"description": "finds things",
                     "publication": {"authors": ["A", "B"], "title": "t", "publisher": "p", "date": "2020", "url": "u"}},
        "tags": {"license": "Apache-2.0"},
        "inputs": [{"name": "x", "data_type": "uint8", "shape": [1, 3, 8, 8], "layout": "NCHW"}],
        "outputs": [{"name": "y", "data_type": "float32", "shape": []}],
        "labels": ["cat", "dog"],
        "compiler_config": {"permute": [0, 2], "deep": {"er": true}},
        "artifacts": [
          {"kind": "onnx", "uri": "a/net.onnx", "size": 5,
           "sha256": "BA7816BF8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
          {"kind": "enf", "target": "warboy-2pe", "ir_version": "0.10", "uri": "https://elsewhere/net.enf", "size": 0,
           "md5": "900150983cd24fb0d6963f7d28e17f72"}]
      }]})",
                                         uri);
    REQUIRE(manifest.models.size() == 1);
    const auto& model = manifest.models[0];
    CHECK(model.name == "net");
    CHECK(model.format == "onnx");
    CHECK(model.family == "Net");
    CHECK(model.version == "v2");
    CHECK(model.task == "object-detection");
    CHECK(model.metadata.description == "finds things");
    CHECK(model.metadata.publication.authors == std::vector<std::string>{"A", "B"});
    CHECK(model.metadata.publication.url == "u");
    CHECK(model.tags.at("license") == "Apache-2.0");
    CHECK(to_string(model.inputs.at(0)) == "x: uint8[1, 3, 8, 8] NCHW");
    CHECK(model.outputs.at(0).shape.rank() == 0);
    CHECK(model.labels == std::vector<std::string>{"cat", "dog"});
    CHECK_THAT(model.compiler_config, Catch::Contains("permute") && Catch::Contains("\"er\""));
    REQUIRE(model.artifacts.size() == 2);
    CHECK(model.artifacts[0].uris == std::vector<std::string>{"http://host/models/a/net.onnx"});
    CHECK(model.artifacts[0].size == 5);
    CHECK(model.artifacts[1].kind == ArtifactKind::enf);
    CHECK(model.artifacts[1].target == "warboy-2pe");
    CHECK(model.artifacts[1].uris == std::vector<std::string>{"https://elsewhere/net.enf"});
    CHECK(model.artifacts[1].digest.algorithm == store::DigestAlgorithm::md5);
}

TEST_CASE("fields that a later version may add are passed over")
{
    CHECK(parse_manifest(R"({"format_version": 1, "new": {"a": [1]}, "models": []})", uri).models.empty());
}

TEST_CASE("what is no JSON is refused with line and column, or with the place where it ends")
{
    CHECK_THAT(sentence_of("{\"format_version\": 1,\n  \"models\": [\n    nonsense]}"), Catch::Contains("line 3"));
    sentence_of("");
    sentence_of("   ");
    sentence_of("{\"format_version\": 1, \"models\": [");
    sentence_of("[]");
    sentence_of("null");
    sentence_of("\"text\"");
    sentence_of("{\"format_version\": 1, \"models\": []} trailing");
    sentence_of(std::string("{\"format_version\": 1, \"models\": [{\"name\": \"\xff\xfe\", \"artifacts\": []}]}"));
}

TEST_CASE("nesting without end is refused, not followed")
{
    sentence_of(std::string(10'000, '['));
    sentence_of("{\"format_version\": 1, \"models\": " + std::string(10'000, '[') + std::string(10'000, ']') + "}");
}

TEST_CASE("a manifest that breaks the schema is refused with the place in the JSON")
{
    const std::string artifact = R"("kind": "onnx", "uri": "a", "size": 3, "md5": "900150983cd24fb0d6963f7d28e17f72")";
    const auto with_artifact = [](const std::string& fields) {
        return R"({"format_version": 1, "models": [{"name": "m", "artifacts": [{)" + fields + "}]}]}";
    };
    CHECK_THAT(sentence_of(R"({"models": []})"), Catch::Contains("format_version"));
    CHECK_THAT(sentence_of(R"({"format_version": 2, "models": []})"), Catch::Contains("format_version"));
    CHECK_THAT(sentence_of(R"({"format_version": "1", "models": []})"), Catch::Contains("format_version"));
    CHECK_THAT(sentence_of(R"({"format_version": 1})"), Catch::Contains("models"));
    CHECK_THAT(sentence_of(R"({"format_version": 1, "models": {}})"), Catch::Contains("models"));
    CHECK_THAT(sentence_of(R"({"format_version": 1, "models": [3]})"), Catch::Contains("models[0]"));
    CHECK_THAT(sentence_of(R"({"format_version": 1, "models": [{"artifacts": []}]})"), Catch::Contains("models[0]"));
    CHECK_THAT(sentence_of(R"({"format_version": 1, "models": [{"name": "", "artifacts": []}]})"),
               Catch::Contains("models[0].name"));
    CHECK_THAT(sentence_of(R"({"format_version": 1, "models": [{"name": "m", "artifacts": []}, {"name": "m", "artifacts": []}]})"),
               Catch::Contains("models[1].name"));
    CHECK_THAT(sentence_of(R"({"format_version": 1, "models": [{"name": "m", "tags": {"a": 1}, "artifacts": []}]})"),
               Catch::Contains("models[0].tags.a"));
    CHECK_THAT(sentence_of(R"({"format_version": 1, "models": [{"name": "m", "labels": [1], "artifacts": []}]})"),
               Catch::Contains("models[0].labels[0]"));
    const auto tensor = [](const char* fields) {
        return std::string(R"({"format_version": 1, "models": [{"name": "m", "artifacts": [], "inputs": [{)") + fields + "}]}]}";
    };
    CHECK_THAT(sentence_of(tensor(R"("name": "x", "data_type": "float33", "shape": [])")),
               Catch::Contains("models[0].inputs[0].data_type"));
    CHECK_THAT(sentence_of(tensor(R"("name": "x", "data_type": "float32", "shape": [1, -2])")),
               Catch::Contains("models[0].inputs[0].shape"));
    CHECK_THAT(sentence_of(tensor(R"("name": "x", "data_type": "float32", "shape": [4611686018427387904, 4])")),
               Catch::Contains("models[0].inputs[0].shape"));
    CHECK_THAT(sentence_of(tensor(R"("name": "x", "data_type": "float32", "shape": [1, 1, 1, 1, 1, 1, 1, 1, 1])")),
               Catch::Contains("models[0].inputs[0].shape"));
    CHECK_THAT(sentence_of(with_artifact(R"("uri": "a", "size": 3, "md5": "900150983cd24fb0d6963f7d28e17f72")")),
               Catch::Contains("models[0].artifacts[0]"));
    CHECK_THAT(sentence_of(with_artifact(artifact + R"(, "target": 3)")), Catch::Contains("artifacts[0].target"));
    CHECK_THAT(sentence_of(with_artifact(R"("kind": "exe", "uri": "a", "size": 3, "md5": "900150983cd24fb0d6963f7d28e17f72")")),
               Catch::Contains("models[0].artifacts[0].kind"));
    CHECK_THAT(sentence_of(with_artifact(R"("kind": "onnx", "uri": "a", "size": -3, "md5": "900150983cd24fb0d6963f7d28e17f72")")),
               Catch::Contains("models[0].artifacts[0].size"));
    CHECK_THAT(sentence_of(with_artifact(R"("kind": "onnx", "uri": "a", "size": 3.5, "md5": "900150983cd24fb0d6963f7d28e17f72")")),
               Catch::Contains("models[0].artifacts[0].size"));
    CHECK_THAT(sentence_of(with_artifact(R"("kind": "onnx", "uri": "a", "size": 3, "md5": "9001")")),
               Catch::Contains("models[0].artifacts[0].md5"));
    CHECK_THAT(sentence_of(with_artifact(R"("kind": "onnx", "uri": "a", "size": 3)")), Catch::Contains("sha256"));
    CHECK_THAT(sentence_of(with_artifact(R"("kind": "onnx", "uri": "http://[", "size": 3, "md5": "900150983cd24fb0d6963f7d28e17f72")")),
               Catch::Contains("models[0].artifacts[0].uri"));
}

TEST_CASE("an artifact that lies outside of its registry is refused")
{
    for (const auto* outside : {"../secret", "a/../../secret", "%2e%2e/secret", "a/%2E%2E/%2e./secret", "./../secret",
                                "/elsewhere", "//other/x", "file:///etc/passwd", "..\\\\secret", "ftp://host/x", "."}) {
        INFO(outside);
        const auto sentence = sentence_of(manifest_with_uri(outside), errc::uri_outside_registry);
        CHECK_THAT(sentence, Catch::Contains("models[0].artifacts[0].uri"));
    }
}

TEST_CASE("an artifact may lie deeper, or on another host that is named in full")
{
    for (const auto* inside : {"x", "a/b/c", "x%20y", "https://other.host/x", "http://host/models/x", "http://host/other"}) {
        INFO(inside);
        CHECK_NOTHROW(parse_manifest(manifest_with_uri(inside), uri));
    }
}

TEST_CASE("a manifest that is a file leads to files below it, and to nothing else on the machine")
{
    const auto parse = [](const char* artifact) {
        return parse_manifest(manifest_with_uri(artifact), "file:///srv/models/artifacts.json").models[0].artifacts[0].uris[0];
    };
    CHECK(parse("x.onnx") == "file:///srv/models/x.onnx");
    CHECK(parse("file:///srv/models/x.onnx") == "file:///srv/models/x.onnx");
    CHECK_THROWS_ERRC(parse("file:///etc/passwd"), errc::uri_outside_registry);
    CHECK_THROWS_ERRC(parse("../x.onnx"), errc::uri_outside_registry);
}

TEST_CASE("a name that is not there is answered with those that are spelled nearly so")
{
    const auto manifest = parse_manifest(R"({"format_version": 1, "models": [{"name": "ResNet50", "artifacts": []},
                                             {"name": "SSDMobileNet", "artifacts": []}]})",
                                         uri);
    CHECK(manifest.find("ResNet50"));
    CHECK_FALSE(manifest.find("resnet50"));
    try {
        manifest.at("resnet-50", uri);
        FAIL("it was found");
    } catch (const Error& error) {
        CHECK(error.code() == errc::unknown_model);
        CHECK_THAT(error.what(), Catch::Contains("resnet-50") && Catch::Contains("ResNet50") && Catch::Contains(uri));
    }
}

TEST_CASE("the embedded registry is a good manifest")
{
    const auto text = SharedBytes::map(FURIOSA_SOURCE_DIR "/examples/registry/artifacts.json");
    const auto manifest = parse_manifest(text.text(), uri);
    const auto& digits = manifest.at("digits", uri);
    CHECK(digits.labels.size() == 10);
    CHECK(digits.artifacts.at(0).size < 200'000);
    const auto onnx = SharedBytes::map(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx");
    CHECK(store::digest_of(store::DigestAlgorithm::sha256, onnx) == digits.artifacts[0].digest);
    CHECK(std::stod(digits.tags.at("accuracy_holdout")) >= 0.99);
}

TEST_CASE("a model may come in several versions: a name alone is the first one, name@version that one")
{
    const auto manifest = registry::parse_manifest(R"({"format_version": 1, "models": [
        {"name": "net", "version": "2", "artifacts": []}, {"name": "net", "version": "1", "artifacts": []}]})",
                                                   "http://host/artifacts.json");
    CHECK(manifest.at("net", "r").version == "2");
    CHECK(manifest.at("net@1", "r").version == "1");
    try {
        manifest.at("net@3", "r");
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.code() == errc::unknown_model);
        CHECK_THAT(error.what(), Catch::Contains("no version '3' of model 'net': it has '2', '1'"));
    }
    CHECK_THROWS_ERRC(manifest.at("other@1", "r"), errc::unknown_model);
    CHECK_THROWS_ERRC(manifest.at("net@", "r"), errc::unknown_model);
}
