#include "zoo/zoo.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <stdexcept>

namespace {

using Extents = std::vector<std::int64_t>;

std::vector<Extents> shapes(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& values)
{
    std::vector<Extents> result;
    for (const auto& value : values) {
        auto& shape = result.emplace_back();
        for (const auto& extent : value.type().tensor_type().shape().dim())
            shape.push_back(extent.dim_value());
    }
    return result;
}

struct Form
{
    Extents input;
    std::vector<Extents> outputs;
};

/// What the postprocessing of each model reads.
const std::map<std::string, Form> forms{
    {"resnet50", {{1, 3, 224, 224}, {{1, 1000}}}},
    {"efficientnet_b0", {{1, 3, 224, 224}, {{1, 1000}}}},
    {"efficientnet_v2_s", {{1, 3, 384, 384}, {{1, 1000}}}},
    {"ssd_mobilenet",
     {{1, 3, 300, 300},
      {{1, 273, 19, 19},
       {1, 12, 19, 19},
       {1, 546, 10, 10},
       {1, 24, 10, 10},
       {1, 546, 5, 5},
       {1, 24, 5, 5},
       {1, 546, 3, 3},
       {1, 24, 3, 3},
       {1, 546, 2, 2},
       {1, 24, 2, 2},
       {1, 546, 1, 1},
       {1, 24, 1, 1}}}},
    {"ssd_resnet34",
     {{1, 3, 1200, 1200},
      {{1, 324, 50, 50},
       {1, 486, 25, 25},
       {1, 486, 13, 13},
       {1, 486, 7, 7},
       {1, 324, 3, 3},
       {1, 324, 3, 3},
       {1, 16, 50, 50},
       {1, 24, 25, 25},
       {1, 24, 13, 13},
       {1, 24, 7, 7},
       {1, 16, 3, 3},
       {1, 16, 3, 3}}}},
    {"yolov5m", {{1, 3, 640, 640}, {{1, 45, 80, 80}, {1, 45, 40, 40}, {1, 45, 20, 20}}}},
    {"yolov5l", {{1, 3, 640, 640}, {{1, 45, 80, 80}, {1, 45, 40, 40}, {1, 45, 20, 20}}}},
    {"yolov7_w6_pose",
     {{1, 3, 384, 640},
      {{1, 18, 48, 80},
       {1, 153, 48, 80},
       {1, 18, 24, 40},
       {1, 153, 24, 40},
       {1, 18, 12, 20},
       {1, 153, 12, 20},
       {1, 18, 6, 10},
       {1, 153, 6, 10}}}},
};

} // namespace

TEST_CASE("the architectures of the zoo have the inputs and outputs that its postprocessing knows")
{
    CHECK(zoo::names().size() == forms.size());
    for (const auto& name : zoo::names()) {
        INFO(name);
        zoo::Options narrow;
        narrow.width = 0.1; // changes no input and no output
        const auto model = zoo::make(name, narrow);
        CHECK(shapes(model.graph().input()) == std::vector<Extents>{forms.at(name).input});
        CHECK(shapes(model.graph().output()) == forms.at(name).outputs);
    }
}

TEST_CASE("the architectures of the zoo cost what is published about them")
{
    const auto resnet = zoo::cost_of(zoo::make("resnet50"));
    CHECK(double(resnet.multiplications) == Approx(4.09e9).epsilon(0.01));
    CHECK(double(resnet.parameters) == Approx(25.6e6).epsilon(0.01));
    const auto efficientnet = zoo::cost_of(zoo::make("efficientnet_b0"));
    CHECK(double(efficientnet.multiplications) == Approx(0.39e9).epsilon(0.02));
    CHECK(double(efficientnet.parameters) == Approx(5.3e6).epsilon(0.02));
    const auto mobilenet = zoo::cost_of(zoo::make("ssd_mobilenet"));
    CHECK(double(mobilenet.multiplications) == Approx(1.24e9).epsilon(0.02));
}

TEST_CASE("the same options give the same model of the zoo, another seed another")
{
    zoo::Options options;
    options.width = 0.1;
    options.input_size = 64;
    const auto model = zoo::make("ssd_mobilenet", options).SerializeAsString();
    CHECK(zoo::make("ssd_mobilenet", options).SerializeAsString() == model);
    options.seed = 2;
    CHECK(zoo::make("ssd_mobilenet", options).SerializeAsString() != model);
}

TEST_CASE("the zoo refuses what it does not have, and sizes that a network cannot take")
{
    CHECK_THROWS_AS(zoo::make("resnet"), std::invalid_argument);
    zoo::Options options;
    options.input_size = 100;
    CHECK_THROWS_AS(zoo::make("yolov5m", options), std::invalid_argument);
    options.input_size = -1;
    CHECK_THROWS_AS(zoo::make("resnet50", options), std::invalid_argument);
}
