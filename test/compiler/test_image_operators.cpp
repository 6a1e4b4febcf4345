#include "compiler/compare_with_reference.hpp"

// What stands between convolutions takes images as they lie there: nothing is reordered but inputs and outputs, and
// nothing is left to the plain definitions.

using namespace furiosa;
using program::OpKind;
using test::compare_with_reference;
using test::OnnxBuilder;
using test::random_tensor;

namespace {

/// x, then a convolution that makes "a" of it, of 32 channels and 8 x 8.
OnnxBuilder with_image()
{
    OnnxBuilder builder;
    builder.input("x", {1, 16, 8, 8}).weight("w", random_tensor({32, 16, 3, 3}, 1, -.2f, .2f));
    builder.node("Conv", {"x", "w"}, {"a"}).ints("pads", {1, 1, 1, 1});
    return builder;
}

program::Program check(OnnxBuilder& builder)
{
    const auto program = compare_with_reference(builder, {random_tensor({1, 16, 8, 8}, 5)});
    CHECK(test::count_plain(program) == 0);
    CHECK(test::count(program, OpKind::reorder) <= 2);
    return program;
}

} // namespace

TEST_CASE("channels are concatenated where they lie")
{
    auto builder = with_image();
    builder.node("Relu", {"a"}, {"b"}).node("Concat", {"a", "b", "a"}, {"c"}).integer("axis", 1);
    builder.node("MaxPool", {"c"}, {"y"}).ints("kernel_shape", {2, 2}).ints("strides", {2, 2}).output("y");
    check(builder);
}

TEST_CASE("images are split and sliced where they lie")
{
    auto builder = with_image();
    builder.integers("sizes", {5, 27}).integers("starts", {2}).integers("ends", {7}).integers("axes", {2});
    builder.node("Split", {"a", "sizes"}, {"b", "c"}).integer("axis", 1);
    builder.node("Slice", {"c", "starts", "ends", "axes"}, {"d"});
    builder.node("MaxPool", {"b"}, {"y1"}).ints("kernel_shape", {2, 2}).node("Sigmoid", {"d"}, {"y2"});
    builder.output("y1").output("y2");
    const auto bytes = builder.bytes();
    const auto program = compare_with_reference(builder, {random_tensor({1, 16, 8, 8}, 5)});
    CHECK(test::count_plain(program) == 0);
}

TEST_CASE("a Resize that repeats pixels keeps the layout")
{
    const std::string mode = GENERATE("asymmetric", "half_pixel", "pytorch_half_pixel");
    auto builder = with_image();
    auto& graph = *builder.model().mutable_graph();
    const std::vector<float> scales{1, 1, 2, 3};
    builder.weight("scales", Tensor::of(Shape{4}, std::span<const float>(scales)));
    builder.node("Resize", {"a", "", "scales"}, {"y"}).output("y");
    auto& node = *graph.mutable_node(graph.node_size() - 1);
    for (const auto& [name, value] : {std::pair<std::string, std::string>{"mode", "nearest"},
                                      {"coordinate_transformation_mode", mode},
                                      {"nearest_mode", mode == "asymmetric" ? "floor" : "round_prefer_floor"}}) {
        auto& attribute = *node.add_attribute();
        attribute.set_name(name);
        attribute.set_type(onnx::AttributeProto::STRING);
        attribute.set_s(value);
    }
    check(builder);
}

TEST_CASE("squeeze and excitation scales each channel")
{
    auto builder = with_image();
    builder.weight("v", random_tensor({32, 32, 1, 1}, 3, -.2f, .2f));
    builder.node("GlobalAveragePool", {"a"}, {"p"}).node("Conv", {"p", "v"}, {"q"}).node("Sigmoid", {"q"}, {"s"});
    builder.node("Mul", {"a", "s"}, {"y"}).output("y");
    check(builder);
}

TEST_CASE("pools agree with the reference, alone and among threads")
{
    struct Window
    {
        std::int64_t kernel, stride, pad, dilation = 1, ceil_mode = 0, count_include_pad = 0;
    };
    const auto window = GENERATE(values<Window>({{2, 2, 0},
                                                 {3, 2, 1},
                                                 {5, 1, 2}, // as behind the backbone of YOLO
                                                 {3, 2, 1, 1, 1},
                                                 {3, 1, 1, 1, 0, 1},
                                                 {3, 3, 0},
                                                 {3, 1, 2, 2}}));
    const std::string kind = GENERATE("MaxPool", "AveragePool");
    CAPTURE(kind, window.kernel, window.stride, window.pad);
    if (window.dilation != 1 && kind == "AveragePool")
        return; // has none in this operator set
    OnnxBuilder builder;
    builder.input("x", {1, 16, 13, 17}).weight("w", random_tensor({32, 16, 1, 1}, 1, -.2f, .2f));
    builder.node("Conv", {"x", "w"}, {"a"}).node(kind, {"a"}, {"p"});
    builder.ints("kernel_shape", {window.kernel, window.kernel}).ints("strides", {window.stride, window.stride});
    builder.ints("pads", {window.pad, window.pad, window.pad, window.pad}).integer("ceil_mode", window.ceil_mode);
    if (kind == "AveragePool")
        builder.integer("count_include_pad", window.count_include_pad);
    else
        builder.ints("dilations", {window.dilation, window.dilation});
    builder.node("Tanh", {"p"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({1, 16, 13, 17}, 5)});
    CHECK(test::count_plain(program) == 0);
}

TEST_CASE("channels are averaged by a mean over the spatial axes where they lie")
{
    const bool keep = GENERATE(false, true);
    auto builder = with_image();
    builder.node("ReduceMean", {"a"}, {"m"}).ints("axes", {2, 3}).integer("keepdims", keep);
    builder.node("Tanh", {"m"}, {"t"}).node("GlobalMaxPool", {"a"}, {"x1"}).node("Sigmoid", {"x1"}, {"y2"});
    builder.weight("v", random_tensor({32, 5}, 3)).integers("shape", {1, 32});
    builder.node("Reshape", {"t", "shape"}, {"f"}).node("MatMul", {"f", "v"}, {"y"}).output("y").output("y2");
    const auto program = compare_with_reference(builder, {random_tensor({1, 16, 8, 8}, 5)});
    CHECK(test::count(program, OpKind::average_pool) == 1);
    CHECK(test::count(program, OpKind::max_pool) == 1);
    CHECK(std::ranges::none_of(program.content().operators, [](const auto& op) {
        return op.attributes.integer("plain") != 0 && op.kind != OpKind::identity; // but the copies to the caller's buffers
    }));
}

TEST_CASE("transposing an image to channels last, as detectors do, costs one copy to the caller's buffer")
{
    auto builder = with_image();
    builder.integers("shape", {1, -1, 4});
    builder.node("Transpose", {"a"}, {"t"}).ints("perm", {0, 2, 3, 1}).node("Reshape", {"t", "shape"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({1, 16, 8, 8}, 5)});
    CHECK(test::count(program, OpKind::transpose) + test::count_plain(program) <= 1);
}

TEST_CASE("a function of elements overwrites its input when nobody else needs that")
{
    auto builder = with_image();
    builder.node("Elu", {"a"}, {"b"}).node("Add", {"a", "b"}, {"c"}).node("Tanh", {"c"}, {"d"});
    builder.node("MaxPool", {"d"}, {"y"}).ints("kernel_shape", {2, 2}).output("y");
    const auto program = check(builder);
    const auto& operators = program.content().operators;
    const auto& tensors = program.content().tensors;
    const auto place_of = [&](std::uint32_t index) { return tensors[index].offset; };
    for (const auto& op : operators) {
        if (op.kind == OpKind::elu)
            CHECK(place_of(op.inputs[0]) != place_of(op.outputs[0]));
        if (op.kind == OpKind::tanh)
            CHECK(place_of(op.inputs[0]) == place_of(op.outputs[0]));
    }
}

TEST_CASE("functions of elements that several threads share agree with the reference")
{
    OnnxBuilder builder;
    builder.input("x", {1, 16, 40, 50}).weight("w", random_tensor({33, 16, 1, 1}, 1, -.2f, .2f));
    builder.weight("scale", random_tensor({1, 33, 1, 1}, 2)).weight("one", random_tensor({1, 1, 1, 1}, 3));
    builder.node("Conv", {"x", "w"}, {"a"});
    builder.node("Exp", {"a"}, {"b"}).node("Mul", {"b", "scale"}, {"c"}).node("Div", {"c", "one"}, {"d"});
    builder.node("Sub", {"d", "b"}, {"e"}).node("Mul", {"a", "e"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({1, 16, 40, 50}, 5)});
    CHECK(test::count_plain(program) == 0);
}
