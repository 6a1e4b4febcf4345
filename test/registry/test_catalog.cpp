#include <furiosa/registry/catalog.hpp>

#include <catch2/catch.hpp>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <string>

using namespace furiosa;
using registry::ArtifactKind;

namespace {

std::string_view kind_in_facts(ArtifactKind kind)
{
    return kind == ArtifactKind::calibration ? "calib_range" : to_string(kind);
}

} // namespace

TEST_CASE("the built-in catalog is FuriosaAI's public zoo: names, digests, sizes and places")
{
    const std::string facts = FURIOSA_SHARED_DIR "/registry/furiosa-public-artifacts.json";
    if (!std::filesystem::exists(facts)) {
        WARN("skipped: " << facts << " is not there");
        return;
    }
    simdjson::dom::parser parser;
    const simdjson::dom::element document = parser.load(facts);
    const std::string endpoint(document["endpoint"].get_string().value());
    const auto& manifest = registry::public_zoo_manifest();
    std::size_t models = 0;
    const simdjson::dom::object facts_by_model = document["models"];
    for (const auto [name, artifacts] : facts_by_model) {
        ++models;
        const auto* model = manifest.find(name);
        INFO(name);
        REQUIRE(model);
        const simdjson::dom::array list = artifacts;
        CHECK(model->artifacts.size() == list.size());
        for (const auto fact : list) {
            const std::string md5(fact["md5"].get_string().value());
            const auto found = std::ranges::find(model->artifacts, md5, [](const auto& a) { return a.digest.hex(); });
            INFO(md5);
            REQUIRE(found != model->artifacts.end());
            CHECK(found->digest.algorithm == store::DigestAlgorithm::md5);
            CHECK(found->size == fact["size"].get_uint64().value());
            CHECK(kind_in_facts(found->kind) == fact["kind"].get_string().value());
            const auto place = md5.substr(0, 2) + "/" + md5.substr(2);
            CHECK(found->uris == std::vector{endpoint + "/" + place, endpoint + "/files/md5/" + place});
        }
    }
    CHECK(models == 8);
    CHECK(manifest.models.size() == 8);
}

TEST_CASE("every model of the zoo says what it takes")
{
    for (const auto& model : registry::public_zoo_manifest().models) {
        INFO(model.name);
        REQUIRE(model.inputs.size() == 1);
        CHECK(model.inputs[0].shape.rank() == 4);
        CHECK_FALSE(model.task.empty());
        CHECK(model.format == "onnx");
    }
}
