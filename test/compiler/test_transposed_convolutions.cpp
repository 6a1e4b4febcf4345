#include "compiler/compare_with_reference.hpp"

using namespace furiosa;
using program::OpKind;
using test::compare_with_reference;
using test::OnnxBuilder;
using test::random_tensor;

namespace {

using Integers = std::vector<std::int64_t>;

struct Geometry
{
    Shape x;
    std::int64_t outputs;
    std::int64_t group;
    std::int64_t kernel;
    std::int64_t stride;
    Integers pads = {};
    std::int64_t dilation = 1;
    std::int64_t output_padding = 0;
};

void set_integers(OnnxBuilder& builder, const std::string& name, const Integers& values)
{
    auto& graph = *builder.model().mutable_graph();
    auto& attribute = *graph.mutable_node(graph.node_size() - 1)->add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const auto value : values)
        attribute.add_ints(value);
}

void set_auto_pad(OnnxBuilder& builder, const std::string& how)
{
    auto& graph = *builder.model().mutable_graph();
    auto& attribute = *graph.mutable_node(graph.node_size() - 1)->add_attribute();
    attribute.set_name("auto_pad");
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(how);
}

OnnxBuilder with_input(const Shape& x)
{
    OnnxBuilder builder;
    auto& input = *builder.model().mutable_graph()->add_input();
    input.set_name("x");
    auto& type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const auto extent : x)
        type.mutable_shape()->add_dim()->set_dim_value(extent);
    return builder;
}

bool is_fast(const program::ProgramOperator& op)
{
    return op.kind == OpKind::conv_transpose && op.attributes.integer("plain") == 0;
}

/// "a" = ConvTranspose of x.
OnnxBuilder with_transposed(const Geometry& g, bool bias)
{
    auto builder = with_input(g.x);
    const auto axes = g.x.rank() - 2;
    Integers weights{g.x[1], g.outputs / g.group};
    weights.resize(g.x.rank(), g.kernel);
    const auto reach = 1.7f / std::sqrt(static_cast<float>(g.x[1] / g.group * g.kernel));
    builder.weight("w", random_tensor(Shape(weights), 1, -reach, reach)).weight("b", random_tensor({g.outputs}, 2));
    bias ? builder.node("ConvTranspose", {"x", "w", "b"}, {"a"}) : builder.node("ConvTranspose", {"x", "w"}, {"a"});
    builder.integer("group", g.group);
    set_integers(builder, "strides", Integers(axes, g.stride));
    set_integers(builder, "dilations", Integers(axes, g.dilation));
    set_integers(builder, "output_padding", Integers(axes, g.output_padding));
    set_integers(builder, "pads", g.pads.empty() ? Integers(2 * axes, 0) : g.pads);
    return builder;
}

program::Program check(const Geometry& g, OnnxBuilder& builder)
{
    return compare_with_reference(builder, {random_tensor(g.x, 9)});
}

} // namespace

TEST_CASE("transposed convolutions of images are oneDNN's, alone and among threads")
{
    const auto g = GENERATE(values<Geometry>({
        {{1, 32, 9, 7}, 16, 1, 2, 2},                        // windows beside each other, as in U-Nets
        {{1, 32, 12, 12}, 24, 1, 4, 2, {1, 1, 1, 1}},        // overlapping, as in generators
        {{1, 32, 12, 12}, 32, 1, 3, 2, {1, 1, 1, 1}, 1, 1},  // with output_padding
        {{1, 16, 12, 12}, 16, 1, 3, 1, {1, 1, 1, 1}},        // a convolution as any
        {{1, 16, 9, 9}, 16, 1, 3, 2, {2, 1, 0, 2}},          // padding of its own on each side
        {{1, 16, 9, 9}, 16, 1, 3, 2, {2, 2, 2, 2}, 2},       // dilated
        {{1, 64, 12, 12}, 64, 4, 3, 2, {1, 1, 1, 1}},        // in groups
        {{1, 48, 10, 10}, 48, 48, 4, 2, {1, 1, 1, 1}},       // of each channel alone, as bilinear upsampling is
        {{1, 32, 16, 16}, 1, 1, 2, 2},                       // to a mask
        {{1, 21, 8, 8}, 21, 1, 16, 8, {4, 4, 4, 4}},         // by much
        {{2, 16, 8, 8}, 16, 1, 2, 2},                        // of two images
        {{1, 16, 8, 8}, 16, 1, 1, 2},                        // with gaps between the windows
        {{1, 16, 16, 16}, 16, 1, 3, 3},                      // whose strips are not of one height
    }));
    CAPTURE(to_string(g.x), g.outputs, g.group, g.kernel, g.stride);
    const bool bias = GENERATE(false, true);
    auto builder = with_transposed(g, bias);
    builder.node("Relu", {"a"}, {"y"}).output("y");
    const auto program = check(g, builder);
    CHECK(std::ranges::count_if(program.content().operators, is_fast) == 1);
    CHECK(test::count(program, OpKind::relu) == 0);
}

TEST_CASE("transposed convolutions of one and three dimensions agree with the reference")
{
    const auto g = GENERATE(values<Geometry>({
        {{1, 16, 20}, 32, 1, 4, 2, {1, 1}},
        {{2, 6, 9}, 6, 3, 3, 2, {1, 0}, 1, 1},
        {{1, 16, 5, 6, 7}, 16, 1, 2, 2},
        {{1, 4, 3, 4, 5}, 6, 2, 3, 2, {1, 1, 1, 0, 1, 1}},
    }));
    CAPTURE(to_string(g.x));
    auto builder = with_transposed(g, true);
    builder.node("Sigmoid", {"a"}, {"y"}).output("y");
    CHECK(test::count(check(g, builder), OpKind::sigmoid) == 0);
}

TEST_CASE("transposed convolutions in odd groups agree with the reference, whatever they run on")
{
    for (const std::int64_t group : {2, 3}) {
        const Geometry g{{1, 18, 7, 7}, 12, group, 3, 2, {1, 1, 1, 1}};
        auto builder = with_transposed(g, true);
        builder.node("Clip", {"a"}, {"y"}).output("y");
        check(g, builder);
    }
}

TEST_CASE("the output of a transposed convolution may be asked for by its extents, or padded by itself")
{
    const auto shape = GENERATE(values<Integers>({{}, {17, 17}, {18, 18}, {22, 22}}));
    const std::string auto_pad = GENERATE("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
    CAPTURE(shape, auto_pad);
    auto builder = with_input({1, 16, 9, 9});
    builder.weight("w", random_tensor({16, 16, 3, 3}, 1, -.2f, .2f)).node("ConvTranspose", {"x", "w"}, {"y"});
    builder.ints("strides", {2, 2}).output("y");
    set_auto_pad(builder, auto_pad);
    if (!shape.empty())
        set_integers(builder, "output_shape", shape);
    compare_with_reference(builder, {random_tensor({1, 16, 9, 9}, 9)});
}

TEST_CASE("padding that is wider than the window leaves a transposed convolution to the definition")
{
    const Geometry g{{1, 16, 9, 9}, 16, 1, 2, 2, {2, 2, 3, 3}};
    auto builder = with_transposed(g, false);
    builder.output("a");
    const auto program = check(g, builder);
    CHECK(std::ranges::none_of(program.content().operators, is_fast));
    CHECK(test::count(program, OpKind::conv_transpose) == 1);
}

TEST_CASE("a transposed convolution whose weights or bias are computed is computed")
{
    OnnxBuilder builder;
    builder.input("x", {1, 16, 6, 6}).input("w", {16, 8, 3, 3}).input("b", {4}).weight("v", random_tensor({8, 4, 2, 2}, 3));
    builder.node("ConvTranspose", {"x", "w"}, {"a"}).node("ConvTranspose", {"a", "v", "b"}, {"y"}).output("y");
    builder.ints("strides", {2, 2});
    compare_with_reference(builder, {random_tensor({1, 16, 6, 6}, 1), random_tensor({16, 8, 3, 3}, 2, -.1f, .1f),
                                     random_tensor({4}, 4)});
}

TEST_CASE("a normalization, a bias and an activation go into the transposed convolution before them")
{
    const std::int64_t group = GENERATE(1, 4, 16);
    const std::string activation = GENERATE("Relu", "LeakyRelu", "Tanh");
    const Geometry g{{1, 16, 6, 6}, 32, group, 2, 2};
    auto builder = with_transposed(g, true);
    for (const auto* name : {"gamma", "beta", "mean"})
        builder.weight(name, random_tensor({32}, static_cast<unsigned>(name[0])));
    builder.weight("variance", random_tensor({32}, 7, 0.5f, 2)).weight("more", random_tensor({32, 1, 1}, 8));
    builder.node("BatchNormalization", {"a", "gamma", "beta", "mean", "variance"}, {"n"});
    builder.node("Add", {"more", "n"}, {"s"}).node(activation, {"s"}, {"y"}).output("y");
    const auto program = check(g, builder);
    CHECK(std::ranges::all_of(program.content().operators, [](const auto& op) {
        return op.kind == OpKind::conv_transpose || op.kind == OpKind::reorder;
    }));
}
