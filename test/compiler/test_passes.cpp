#include "compiler/run_on_cpu.hpp"

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/compiler/passes.hpp>
#include <furiosa/compiler/reference.hpp>

#include <algorithm>

using namespace furiosa;
using compiler::Graph;
using compiler::no_value;
using compiler::Node;
using compiler::OpKind;
using compiler::ValueId;
using test::random_tensor;

namespace {

/// A graph that is built node by node.
struct Builder
{
    ValueId input(const Shape& shape)
    {
        compiler::Value value;
        value.desc.name = "x";
        value.desc.shape = shape;
        graph.inputs.push_back(graph.add(std::move(value)));
        return graph.inputs.back();
    }
    ValueId constant(const Shape& shape, float low = -1, float high = 1)
    {
        return graph.add_constant("c" + std::to_string(graph.values.size()), random_tensor(shape, seed++, low, high));
    }
    ValueId node(OpKind kind, std::vector<ValueId> inputs, compiler::Attributes attributes = {})
    {
        Node made;
        made.kind = kind;
        made.name = std::string(to_string(kind)) + std::to_string(graph.nodes.size());
        made.inputs = std::move(inputs);
        made.attributes = std::move(attributes);
        compiler::Value value;
        value.desc.name = made.name;
        made.outputs = {graph.add(std::move(value))};
        compiler::infer_shape(graph, made);
        graph.nodes.push_back(std::move(made));
        return graph.nodes.back().outputs[0];
    }
    /// x, of 3 channels, through a convolution to 4.
    ValueId conv() { return node(OpKind::conv, {input({1, 3, 5, 5}), constant({4, 3, 3, 3})}); }

    Graph graph;
    unsigned seed = 1;
};

Graph finish(Builder& builder, ValueId output)
{
    builder.graph.outputs = {output};
    return builder.graph;
}

std::size_t count(const Graph& graph, OpKind kind)
{
    return static_cast<std::size_t>(std::ranges::count(graph.nodes, kind, &Node::kind));
}

std::vector<Tensor> evaluate(const Graph& graph)
{
    std::vector<Tensor> inputs;
    for (const auto id : graph.inputs)
        inputs.push_back(random_tensor(graph.shape(id), 42));
    const std::vector<ConstTensorView> views(inputs.begin(), inputs.end());
    return compiler::evaluate(graph, views);
}

/// The graph behind a pass, which must compute the same.
Graph after(const Graph& graph, Graph (*pass)(Graph))
{
    const auto expected = evaluate(graph);
    auto changed = pass(graph);
    const auto got = evaluate(changed);
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i != got.size(); ++i) {
        CHECK(got[i].shape() == expected[i].shape());
        CHECK(test::disagreement(got[i].as<float>(), expected[i].as<float>()) <= 1);
    }
    return changed;
}

} // namespace

TEST_CASE("fold_constants computes what is known at compile time")
{
    Builder b;
    const auto sum = b.node(OpKind::add, {b.constant({2, 3}), b.constant({2, 3})});
    const auto graph = finish(b, b.node(OpKind::mul, {b.input({2, 3}), sum}));
    const auto folded = compiler::remove_dead_code(after(graph, compiler::fold_constants));
    CHECK(folded.nodes.size() == 1);
    CHECK(count(folded, OpKind::mul) == 1);
}

TEST_CASE("canonicalize leaves no Gemm, GlobalAveragePool or Identity")
{
    Builder b;
    const auto pooled = b.node(OpKind::global_average_pool, {b.node(OpKind::identity, {b.input({2, 3, 4, 4})})});
    compiler::Attributes shape;
    shape.set("shape", std::vector<std::int64_t>{2, 3});
    const auto flat = b.node(OpKind::reshape, {pooled}, shape);
    compiler::Attributes gemm;
    gemm.set("transB", std::int64_t{1});
    gemm.set("alpha", 0.5f);
    gemm.set("beta", 2.0f);
    const auto graph = finish(b, b.node(OpKind::gemm, {flat, b.constant({5, 3}), b.constant({5})}, gemm));
    const auto plain = compiler::remove_dead_code(after(graph, compiler::canonicalize));
    for (const auto kind : {OpKind::gemm, OpKind::global_average_pool, OpKind::identity})
        CHECK(count(plain, kind) == 0);
    CHECK(count(plain, OpKind::mat_mul) == 1);
    CHECK(count(plain, OpKind::average_pool) == 1);
}

TEST_CASE("canonicalize makes a pool of the mean over all spatial axes, and of no other")
{
    using Integers = std::vector<std::int64_t>;
    const auto mean = [](const Shape& shape, const Integers& axes, std::int64_t keepdims) {
        Builder b;
        compiler::Attributes attributes;
        attributes.set("axes", axes);
        attributes.set("keepdims", keepdims);
        const auto graph = finish(b, b.node(OpKind::reduce_mean, {b.input(shape)}, attributes));
        return compiler::remove_dead_code(after(graph, compiler::canonicalize));
    };
    CHECK(count(mean({2, 3, 4, 5}, {2, 3}, 1), OpKind::average_pool) == 1);
    const auto flat = mean({2, 3, 4, 5}, {2, 3}, 0);
    CHECK(count(flat, OpKind::average_pool) == 1);
    CHECK(count(flat, OpKind::reshape) == 1);
    CHECK(count(mean({1, 2, 3, 4, 5}, {2, 3, 4}, 0), OpKind::average_pool) == 1);
    CHECK(count(mean({1, 2, 3, 4, 5}, {2, 3}, 1), OpKind::reduce_mean) == 1);
    CHECK(count(mean({2, 3, 4, 5}, {1, 2}, 1), OpKind::reduce_mean) == 1);
    CHECK(count(mean({2, 3, 4, 5}, {1, 2, 3}, 1), OpKind::reduce_mean) == 1);
    CHECK(count(mean({2, 3, 4}, {2}, 1), OpKind::reduce_mean) == 1); // a row of a layer normalization, more likely
    CHECK(count(mean({3}, {0}, 0), OpKind::reduce_mean) == 1);
    CHECK(count(mean({2, 3, 1, 1}, {2, 3}, 0), OpKind::average_pool) == 1);
}

TEST_CASE("canonicalize makes a pool of GlobalMaxPool, but not of one that is wider than windows are")
{
    Builder b;
    const auto graph = finish(b, b.node(OpKind::global_max_pool, {b.input({2, 3, 4, 4})}));
    CHECK(count(after(graph, compiler::canonicalize), OpKind::max_pool) == 1);
    for (const auto kind : {OpKind::global_max_pool, OpKind::global_average_pool}) {
        Builder wide;
        const auto kept = finish(wide, wide.node(kind, {wide.input({1, 1, (1 << 20) + 1})}));
        CHECK(count(after(kept, compiler::canonicalize), kind) == 1);
    }
}

TEST_CASE("fold_batch_norm puts it into the convolution before it, elsewhere into Mul and Add")
{
    Builder b;
    const auto norm = [&](ValueId x, std::int64_t channels) {
        return b.node(OpKind::batch_normalization, {x, b.constant({channels}), b.constant({channels}),
                                                    b.constant({channels}), b.constant({channels}, 0.5f, 2)});
    };
    const auto behind_conv = norm(b.conv(), 4);
    const auto relu = b.node(OpKind::relu, {behind_conv});
    const auto graph = finish(b, norm(relu, 4));
    const auto folded = compiler::remove_dead_code(after(graph, compiler::fold_batch_norm));
    CHECK(count(folded, OpKind::batch_normalization) == 0);
    CHECK(count(folded, OpKind::mul) == 1);
    CHECK(count(folded, OpKind::add) == 1);
    CHECK(folded.nodes.size() == 4);
}

TEST_CASE("fold_batch_norm scales the kernels of a transposed convolution by the channel that they are for")
{
    for (const std::int64_t group : {1, 2, 4}) {
        Builder b;
        compiler::Attributes attributes;
        attributes.set("group", group);
        const auto conv = b.node(OpKind::conv_transpose,
                                 {b.input({1, 4, 3, 3}), b.constant({4, 8 / group, 2, 2}), b.constant({8})}, attributes);
        const auto graph = finish(b, b.node(OpKind::batch_normalization, {conv, b.constant({8}), b.constant({8}),
                                                                         b.constant({8}), b.constant({8}, 0.5f, 2)}));
        CHECK(compiler::remove_dead_code(after(graph, compiler::fold_batch_norm)).nodes.size() == 1);
    }
}

TEST_CASE("fuse_bias makes a sum with one number a channel the bias")
{
    Builder b;
    const auto graph = finish(b, b.node(OpKind::add, {b.conv(), b.constant({1, 4, 1, 1})}));
    const auto fused = compiler::remove_dead_code(after(graph, compiler::fuse_bias));
    REQUIRE(fused.nodes.size() == 1);
    CHECK(fused.nodes[0].has_input(2));

    Builder other;
    const auto kept = finish(other, other.node(OpKind::add, {other.conv(), other.constant({1, 4, 3, 3})}));
    CHECK(count(compiler::remove_dead_code(after(kept, compiler::fuse_bias)), OpKind::add) == 1);
}

TEST_CASE("fuse_residual makes the other summand a part of the convolution")
{
    Builder b;
    const auto first = b.conv();
    const auto second = b.node(OpKind::conv, {first, b.constant({4, 4, 1, 1})});
    const auto graph = finish(b, b.node(OpKind::add, {second, first}));
    const auto fused = compiler::remove_dead_code(after(graph, compiler::fuse_residual));
    REQUIRE(fused.nodes.size() == 2);
    CHECK(fused.nodes[1].has_input(3));
}

TEST_CASE("fuse_activation takes Relu, Clip and Sigmoid along, but not where others read what is before them")
{
    for (const auto kind : {OpKind::relu, OpKind::clip, OpKind::sigmoid}) {
        Builder b;
        compiler::Attributes attributes;
        if (kind == OpKind::clip) {
            attributes.set("min", 0.0f);
            attributes.set("max", 0.3f);
        }
        const auto graph = finish(b, b.node(kind, {b.conv()}, attributes));
        CHECK(compiler::remove_dead_code(after(graph, compiler::fuse_activation)).nodes.size() == 1);
    }
    Builder b;
    const auto conv = b.conv();
    const auto graph = finish(b, b.node(OpKind::add, {b.node(OpKind::relu, {conv}), conv}));
    CHECK(compiler::remove_dead_code(after(graph, compiler::fuse_activation)).nodes.size() == 3);
}

TEST_CASE("fuse_activation leaves a Clip alone whose bounds are computed")
{
    Builder b;
    const auto conv = b.conv();
    const auto low = b.input({});
    const auto graph = finish(b, b.node(OpKind::clip, {conv, low}));
    CHECK(compiler::remove_dead_code(after(graph, compiler::fuse_activation)).nodes.size() == 2);
}

TEST_CASE("remove_dead_code keeps what outputs depend on, and nothing else")
{
    Builder b;
    const auto x = b.input({2, 2});
    b.node(OpKind::sigmoid, {b.node(OpKind::relu, {x})});
    const auto graph = finish(b, b.node(OpKind::relu, {x}));
    const auto alive = after(graph, compiler::remove_dead_code);
    CHECK(alive.nodes.size() == 1);
    CHECK(alive.values.size() == 2);
}

TEST_CASE("all passes together make one operator of Conv, BatchNormalization, Add and Relu")
{
    Builder b;
    const auto conv = b.conv();
    const auto norm = b.node(OpKind::batch_normalization,
                             {conv, b.constant({4}), b.constant({4}), b.constant({4}), b.constant({4}, 0.5f, 2)});
    const auto graph = finish(b, b.node(OpKind::relu, {b.node(OpKind::add, {norm, b.constant({4, 1, 1})})}));
    CHECK(after(graph, compiler::optimize).nodes.size() == 1);
}
