#include <furiosa/registry/catalog.hpp>

#include <array>
#include <fmt/format.h>
#include <span>

namespace furiosa::registry {

namespace {

struct ZooArtifact
{
    ArtifactKind kind;
    std::string_view target;
    std::string_view ir_version;
    std::uint64_t size;
    std::string_view md5;
};

struct ZooModel
{
    std::string_view name;
    std::string_view family;
    std::string_view version;
    std::string_view task;
    std::array<std::int64_t, 4> input; // N, C, H, W
    std::size_t first_artifact;
    std::size_t artifact_count;
};

// What furiosa-models 0.10 publishes: the sizes and MD5s of its files.
constexpr ZooArtifact artifacts[] = {
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 39525369, "a17838cd3dbd863a4ea396aa758899a2"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 57063777, "031d2759cfb9f551390c2ae34139acf5"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 39525369, "029775d471858db1621679ad394179c9"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 57063777, "a978a84d74a2a113ea31cb7a80750d02"},
    {ArtifactKind::calibration, "", "", 10710, "fe27bba10d58054cae11ad73f80fdb64"},
    {ArtifactKind::onnx, "", "", 102178169, "cd75550409463a0faa065f4803182483"},
    {ArtifactKind::calibration, "", "", 24369, "ec5b9b82b3a2efa8b8e7be898f89ab3a"},
    {ArtifactKind::onnx, "", "", 21156466, "fae3d4146aac858f21132dc1ac3b1f30"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 17798664, "f0489ac1e755ba1d6dc33b07cf38da25"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 22193001, "8e630b1f91b7908bd9e9f83843a1bf2d"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 17798664, "57b64a9e4ced03d2cf755acd87b0a615"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 22193001, "b49b7bd3b6a75bf63c3dd8f6bfa3abc8"},
    {ArtifactKind::calibration, "", "", 62051, "9830d14ca531d2e968d2d9972f56beb0"},
    {ArtifactKind::onnx, "", "", 85754163, "65c7d63bc242f1a609f31d3c6862507d"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 44861541, "c20f415ff6ecdac8ac36d77153d8b072"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 67662577, "ec8732710b0b792af79e8c436bb452d1"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 44861541, "7b0c5b7ba3da88f8b6df7ab238f22390"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 67662577, "b3f5bddb6c06ed74f17ef751e58d58c3"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 16474290, "7f5bf11012845ba17c985f7365f69106"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 17356401, "515364e6a66f713d2d896664aeaabb07"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 16474290, "febd7c78756f5fa5ba6bf3628e3d4b21"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 17356401, "8824e1d41f8454414e79712adba253bf"},
    {ArtifactKind::calibration, "", "", 9066, "ca1d20465993f7e104a852f829463cbe"},
    {ArtifactKind::onnx, "", "", 27274088, "43aa26272b8a9ee2f7a1b9584c5f3c27"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 24005454, "8ebef4411a4dc2c6dd5a07f94e7d4ed0"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 24830635, "5a591bceabc9fa5043387ed54e73a231"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 24005454, "fe12a2b56d1ad06e5eca3644c39cf8b2"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 24830635, "ea414d3cdadea731b5f7a30f3cec3dd0"},
    {ArtifactKind::calibration, "", "", 11478, "fb2d385124f4c4a826ca778f8af0cc5e"},
    {ArtifactKind::onnx, "", "", 79927045, "b80252a4b71144f4a2d9b3e7c948ed30"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 35308825, "3332050bec042b3cf174b48dfdf06a4a"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 49493758, "f5196fb0d0bc2182d7e79e13f7256c25"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 35308825, "82c94731dc4ed9a37c7eba393ec5d32b"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 49493758, "2103136421c16a0807415f283f46b0da"},
    {ArtifactKind::calibration, "", "", 16575, "351a2b45dff2fdee95a0ff3f66cbd292"},
    {ArtifactKind::onnx, "", "", 86223371, "c9780d691b3fba24e862700e6b6688b4"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 54142786, "bf32798392e40b6fee7324fa09907036"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 68725643, "2e918e3f928f650562d1ea3974517f08"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 54142786, "852ae7e8055c2471eea2005acca04a9f"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 68725643, "6826074dd6d26ed4f74591a9eba1b1d3"},
    {ArtifactKind::calibration, "", "", 21027, "7e0be030e990a8fc8874a07a29d26435"},
    {ArtifactKind::onnx, "", "", 189343664, "15b3a319a2150f1426f7fe2d0265c9e0"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.0_f8f05c8ea", 111581670, "5f5e63455745145cfe0235f461e3ee8e"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.0_f8f05c8ea", 130786578, "8a5bcc7992c31c3c10eefbb58b201079"},
    {ArtifactKind::enf, "warboy-1pe", "0.10.1_8b00177dc", 111581670, "d282b8563f17aa6039aaf040fb552b4b"},
    {ArtifactKind::enf, "warboy-2pe", "0.10.1_8b00177dc", 130786578, "385d95ade6c4cd22136a54f8fe6ccd9e"},
    {ArtifactKind::calibration, "", "", 21649, "214cb0a9af566f5bab9485a067a8af47"},
    {ArtifactKind::onnx, "", "", 320776306, "c3277e8e56a8e111d4e66ae40a584179"},
};

constexpr ZooModel models[] = {
    {"ResNet50", "ResNet", "v1.5", "image-classification", {1, 3, 224, 224}, 0, 6},
    {"EfficientNetB0", "EfficientNet", "1.0.2", "image-classification", {1, 3, 224, 224}, 6, 6},
    {"EfficientNetV2s", "EfficientNetV2", "s", "image-classification", {1, 3, 384, 384}, 12, 6},
    {"SSDMobileNet", "MobileNetV1", "v1.1", "object-detection", {1, 3, 300, 300}, 18, 6},
    {"SSDResNet34", "ResNet", "v1.1", "object-detection", {1, 3, 1200, 1200}, 24, 6},
    {"YOLOv5m", "YOLO", "v5", "object-detection", {1, 3, 640, 640}, 30, 6},
    {"YOLOv5l", "YOLO", "v5", "object-detection", {1, 3, 640, 640}, 36, 6},
    {"YOLOv7w6Pose", "YOLO", "v7", "pose-estimation", {1, 3, 384, 640}, 42, 6},
};

/// The bucket keeps a file under its MD5, in one of two layouts.
std::vector<std::string> uris_of(std::string_view md5)
{
    const auto path = fmt::format("{}/{}", md5.substr(0, 2), md5.substr(2));
    return {fmt::format("{}{}", public_zoo_base, path), fmt::format("{}files/md5/{}", public_zoo_base, path)};
}

ArtifactInfo describe(const ZooArtifact& artifact)
{
    ArtifactInfo info;
    info.kind = artifact.kind;
    info.target = artifact.target;
    info.ir_version = artifact.ir_version;
    info.uris = uris_of(artifact.md5);
    info.size = artifact.size;
    info.digest = store::Digest::parse(store::DigestAlgorithm::md5, artifact.md5);
    return info;
}

ModelInfo describe(const ZooModel& model)
{
    ModelInfo info;
    info.name = model.name;
    info.format = "onnx";
    info.family = model.family;
    info.version = model.version;
    info.task = model.task;
    info.metadata.description = fmt::format("{} {} of FuriosaAI's public model zoo", model.family, model.version);
    info.metadata.publication.publisher = "FuriosaAI";
    // The graph's own names stand in the ONNX file; here is the one input that every model of the zoo has.
    info.inputs.push_back({"input", DataType::float32, Shape(model.input), "NCHW", {}});
    for (const auto& artifact : std::span(artifacts).subspan(model.first_artifact, model.artifact_count))
        info.artifacts.push_back(describe(artifact));
    return info;
}

} // namespace

const Manifest& public_zoo_manifest()
{
    static const Manifest manifest = [] {
        Manifest zoo;
        for (const auto& model : models)
            zoo.models.push_back(describe(model));
        return zoo;
    }();
    return manifest;
}

} // namespace furiosa::registry
