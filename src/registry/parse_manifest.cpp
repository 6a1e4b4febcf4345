#include "registry/artifact_uri.hpp"
#include "registry/json_reader.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/registry/manifest.hpp>

#include <set>
#include <utility>

namespace furiosa::registry {

namespace {

std::vector<std::string> read_strings(const JsonReader& list)
{
    std::vector<std::string> strings;
    list.for_each([&](const JsonReader& element) { strings.push_back(element.string()); });
    return strings;
}

Publication read_publication(const JsonReader& object)
{
    Publication publication;
    if (const auto authors = object.find("authors"))
        publication.authors = read_strings(*authors);
    publication.title = object.string_or("title");
    publication.publisher = object.string_or("publisher");
    publication.date = object.string_or("date");
    publication.url = object.string_or("url");
    return publication;
}

Metadata read_metadata(const JsonReader& object)
{
    Metadata metadata;
    metadata.description = object.string_or("description");
    if (const auto publication = object.find("publication"))
        metadata.publication = read_publication(*publication);
    return metadata;
}

TensorDesc read_tensor(const JsonReader& object)
{
    TensorDesc desc;
    desc.name = object.at("name").string();
    const auto type = object.at("data_type");
    const auto parsed = parse_data_type(type.string());
    if (!parsed)
        type.fail("is not a data type: float32, float16, bfloat16, uint8, int8, int32, int64 and bool are");
    desc.data_type = *parsed;
    std::vector<std::int64_t> extents;
    const auto shape = object.at("shape");
    shape.for_each([&](const JsonReader& extent) { extents.push_back(extent.integer()); });
    try {
        desc.shape = Shape(extents);
    } catch (const Error& error) {
        shape.fail(error.what());
    }
    desc.layout = object.string_or("layout");
    return desc;
}

std::vector<TensorDesc> read_tensors(const JsonReader& model, std::string_view key)
{
    std::vector<TensorDesc> tensors;
    if (const auto list = model.find(key))
        list->for_each([&](const JsonReader& tensor) { tensors.push_back(read_tensor(tensor)); });
    return tensors;
}

ArtifactKind read_kind(const JsonReader& value)
{
    const auto text = value.string();
    for (const auto kind : {ArtifactKind::onnx, ArtifactKind::tflite, ArtifactKind::dfg, ArtifactKind::enf,
                            ArtifactKind::calibration})
        if (to_string(kind) == text)
            return kind;
    value.fail("is not a kind of artifact: onnx, tflite, dfg, enf and calibration are");
}

store::Digest read_digest(const JsonReader& artifact)
{
    for (const auto algorithm : {store::DigestAlgorithm::sha256, store::DigestAlgorithm::md5}) {
        const auto value = artifact.find(to_string(algorithm));
        if (!value)
            continue;
        try {
            return store::Digest::parse(algorithm, value->string());
        } catch (const Error& error) {
            if (error.code() == errc::malformed_manifest)
                throw;
            value->fail(error.what());
        }
    }
    artifact.fail("has neither \"sha256\" nor \"md5\"");
}

ArtifactInfo read_artifact(const JsonReader& object, const http::Uri& manifest)
{
    ArtifactInfo artifact;
    artifact.kind = read_kind(object.at("kind"));
    artifact.target = object.string_or("target");
    artifact.ir_version = object.string_or("ir_version");
    const auto size = object.at("size");
    if (size.integer() < 0)
        size.fail("is negative");
    artifact.size = static_cast<std::uint64_t>(size.integer());
    artifact.digest = read_digest(object);
    const auto uri = object.at("uri");
    artifact.uris.push_back(resolve_artifact_uri(manifest, uri.string(), uri.path()));
    return artifact;
}

ModelInfo read_model(const JsonReader& object, const http::Uri& manifest)
{
    ModelInfo model;
    model.name = object.at("name").string();
    if (model.name.empty())
        object.at("name").fail("is empty");
    model.format = object.string_or("format");
    model.family = object.string_or("family");
    model.version = object.string_or("version");
    model.task = object.string_or("task");
    if (const auto metadata = object.find("metadata"))
        model.metadata = read_metadata(*metadata);
    if (const auto tags = object.find("tags"))
        tags->for_each_field([&](std::string_view key, const JsonReader& value) {
            model.tags.emplace(key, value.string());
        });
    model.inputs = read_tensors(object, "inputs");
    model.outputs = read_tensors(object, "outputs");
    if (const auto labels = object.find("labels"))
        model.labels = read_strings(*labels);
    if (const auto config = object.find("compiler_config"))
        model.compiler_config = config->json();
    object.at("artifacts").for_each([&](const JsonReader& artifact) {
        model.artifacts.push_back(read_artifact(artifact, manifest));
    });
    return model;
}

} // namespace

Manifest parse_manifest(std::string_view json, std::string_view uri)
{
    const auto base = http::Uri::parse(uri);
    const JsonDocument document(json, uri);
    const auto root = document.root();
    const auto version = root.at("format_version");
    if (version.integer() != 1)
        version.fail("is not 1, the only version that this library reads: a newer furiosa may");
    Manifest manifest;
    std::set<std::pair<std::string, std::string>> names;
    root.at("models").for_each([&](const JsonReader& object) {
        manifest.models.push_back(read_model(object, base));
        const auto& model = manifest.models.back();
        if (!names.emplace(model.name, model.version).second)
            object.at("name").fail("stands twice in this manifest, with the same version");
    });
    return manifest;
}

} // namespace furiosa::registry
