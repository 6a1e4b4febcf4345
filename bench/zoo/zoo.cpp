#include "zoo/zoo.hpp"

#include "zoo/architectures.hpp"
#include "zoo/onnx_builder.hpp"

#include <array>
#include <stdexcept>

namespace zoo {

namespace {

struct Architecture
{
    std::string_view name;
    onnx::ModelProto (*make)(const Options&);
};

constexpr std::array<Architecture, 8> architectures{{{"resnet50", resnet50},
                                                     {"efficientnet_b0", efficientnet_b0},
                                                     {"efficientnet_v2_s", efficientnet_v2_s},
                                                     {"ssd_mobilenet", ssd_mobilenet},
                                                     {"ssd_resnet34", ssd_resnet34},
                                                     {"yolov5m", yolov5m},
                                                     {"yolov5l", yolov5l},
                                                     {"yolov7_w6_pose", yolov7_w6_pose}}};

} // namespace

const std::vector<std::string>& names()
{
    static const auto list = [] {
        std::vector<std::string> result;
        for (const auto& architecture : architectures)
            result.emplace_back(architecture.name);
        return result;
    }();
    return list;
}

onnx::ModelProto make(std::string_view name, const Options& options)
{
    for (const auto& architecture : architectures)
        if (architecture.name == name)
            return architecture.make(options);
    std::string known;
    for (const auto& other : names())
        known += (known.empty() ? "" : ", ") + other;
    throw std::invalid_argument("the zoo has no '" + std::string(name) + "'; it has " + known);
}

Cost cost_of(const onnx::ModelProto& model)
{
    Cost cost;
    for (const auto& property : model.metadata_props())
        if (property.key() == OnnxBuilder::multiplications_key)
            cost.multiplications = std::stoll(property.value());
    for (const auto& initializer : model.graph().initializer()) {
        std::int64_t elements = 1;
        for (const auto extent : initializer.dims())
            elements *= extent;
        if (initializer.data_type() == onnx::TensorProto::FLOAT)
            cost.parameters += elements;
    }
    return cost;
}

} // namespace zoo
