#include "random_graph.hpp"

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace furiosa::fuzz {

using compiler::Attributes;
using compiler::Graph;
using compiler::Node;
using compiler::no_value;
using compiler::OpKind;
using compiler::Value;
using compiler::ValueId;

namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::size_t most_nodes = 12;
constexpr std::int64_t most_elements = 4096;

class Generator
{
public:
    explicit Generator(Choices choices) : choices_(choices) {}

    Graph run()
    {
        add_input();
        if (choices_.below(3) == 0)
            add_input();
        while (!choices_.empty() && graph_.nodes.size() < most_nodes)
            try {
                add_node();
            } catch (const Error&) {
                // the definition refuses it: not a graph
            }
        graph_.outputs.push_back(values_.back());
        if (const auto other = any_value(); choices_.below(4) == 0 && other != values_.back())
            graph_.outputs.push_back(other);
        return std::move(graph_);
    }

private:
    std::int64_t extent()
    {
        constexpr std::int64_t extents[] = {1, 2, 3, 5, 7, 8};
        return choices_.one_of(extents);
    }

    std::int64_t channels()
    {
        constexpr std::int64_t counts[] = {16, 1, 3, 8, 17, 32};
        return choices_.one_of(counts);
    }

    void add_input()
    {
        constexpr std::size_t ranks[] = {4, 4, 2, 3};
        Integers extents{choices_.below(4) == 0 ? 2 : 1, channels()};
        const auto rank = choices_.one_of(ranks);
        while (extents.size() < rank)
            extents.push_back(extent());
        Value value;
        value.desc.name = "x" + std::to_string(graph_.inputs.size());
        value.desc.shape = Shape(extents);
        graph_.inputs.push_back(graph_.add(std::move(value)));
        values_.push_back(graph_.inputs.back());
    }

    /// Newer ones more often.
    ValueId any_value() { return values_[values_.size() - 1 - std::min(values_.size() - 1, choices_.below(4))]; }

    ValueId constant(const Shape& shape, float low, float high)
    {
        Tensor tensor(DataType::float32, shape);
        std::uniform_real_distribution<float> number(low, high);
        for (auto& element : tensor.as<float>())
            element = number(random_);
        return graph_.add_constant("c" + std::to_string(graph_.values.size()), tensor);
    }

    void emit(OpKind kind, std::vector<ValueId> inputs, Attributes attributes = {}, std::size_t outputs = 1)
    {
        Node node;
        node.kind = kind;
        node.name = "n" + std::to_string(graph_.nodes.size());
        node.inputs = std::move(inputs);
        node.attributes = std::move(attributes);
        for (std::size_t i = 0; i != outputs; ++i) {
            Value value;
            value.desc.name = node.name + "/" + std::to_string(i);
            node.outputs.push_back(graph_.add(std::move(value)));
        }
        compiler::infer_shape(graph_, node);
        for (const auto id : node.outputs)
            if (graph_.shape(id).element_count() > most_elements)
                throw Error(errc::invalid_shape, "too large for a test");
        values_.insert(values_.end(), node.outputs.begin(), node.outputs.end());
        graph_.nodes.push_back(std::move(node));
    }

    void add_node()
    {
        switch (choices_.below(14)) {
        case 0: return add_conv();
        case 1: return add_activation();
        case 2: return add_binary();
        case 3: return add_pool();
        case 4: return add_concat();
        case 5: return add_split();
        case 6: return add_slice();
        case 7: return add_reshape();
        case 8: return add_transpose();
        case 9: return add_resize();
        case 10: return add_batch_normalization();
        case 11: return add_product();
        case 12: return add_reduction();
        default: return add_padding();
        }
    }

    void add_conv()
    {
        const auto x = any_value();
        const auto shape = graph_.shape(x);
        if (shape.rank() < 3)
            return;
        const bool depthwise = choices_.below(3) == 0;
        const bool transposed = choices_.below(4) == 0;
        const auto axes = shape.rank() - 2;
        const auto out = depthwise ? shape[1] : channels();
        const auto kernel = static_cast<std::int64_t>(1 + choices_.below(3));
        const auto stride = static_cast<std::int64_t>(1 + choices_.below(2));
        Integers weights{transposed ? shape[1] : out, depthwise ? 1 : transposed ? out : shape[1]};
        weights.resize(shape.rank(), kernel);
        Attributes attributes;
        attributes.set("group", depthwise ? shape[1] : 1);
        attributes.set("strides", Integers(axes, stride));
        attributes.set("pads", Integers(2 * axes, static_cast<std::int64_t>(choices_.below(2))));
        if (transposed) {
            attributes.set("output_padding", Integers(axes, choices_.below(3) == 0 ? stride - 1 : 0));
            attributes.set("dilations", Integers(axes, choices_.below(4) == 0 ? 2 : 1));
        }
        const auto bound = 1.5f / std::sqrt(static_cast<float>(weights[1] * kernel * kernel));
        std::vector<ValueId> inputs{x, constant(Shape(weights), -bound, bound)};
        if (choices_.below(2) == 0)
            inputs.push_back(constant(Shape{out}, -1, 1));
        emit(transposed ? OpKind::conv_transpose : OpKind::conv, std::move(inputs), std::move(attributes));
    }

    void add_activation()
    {
        constexpr OpKind kinds[] = {OpKind::relu, OpKind::sigmoid,      OpKind::silu,     OpKind::hard_swish,
                                    OpKind::clip, OpKind::leaky_relu,   OpKind::tanh,     OpKind::elu,
                                    OpKind::gelu, OpKind::hard_sigmoid, OpKind::softplus, OpKind::softmax};
        const auto kind = choices_.one_of(kinds);
        Attributes attributes;
        if (kind == OpKind::clip) {
            attributes.set("min", -0.5f);
            attributes.set("max", 0.75f);
        } else if (kind == OpKind::softmax) {
            attributes.set("axis", static_cast<std::int64_t>(choices_.below(4)));
        }
        emit(kind, {any_value()}, std::move(attributes));
    }

    void add_binary()
    {
        constexpr OpKind kinds[] = {OpKind::add, OpKind::mul, OpKind::sub, OpKind::max};
        const auto a = any_value();
        const auto shape = graph_.shape(a);
        Integers extents(shape.begin(), shape.end());
        ValueId b = no_value;
        switch (choices_.below(4)) {
        case 0: b = any_value(); break;
        case 1: b = constant(Shape{}, -1, 1); break;
        case 2:
            for (std::size_t i = 0; i != extents.size(); ++i)
                if (i != 1)
                    extents[i] = 1;
            b = constant(Shape(extents), -1, 1);
            break;
        default: b = constant(shape, -1, 1);
        }
        choices_.below(2) == 0 ? emit(choices_.one_of(kinds), {a, b}) : emit(choices_.one_of(kinds), {b, a});
    }

    void add_pool()
    {
        constexpr OpKind kinds[] = {OpKind::max_pool, OpKind::average_pool, OpKind::global_average_pool,
                                    OpKind::global_max_pool};
        const auto kind = choices_.one_of(kinds);
        const auto x = any_value();
        Attributes attributes;
        if (kind == OpKind::max_pool || kind == OpKind::average_pool) {
            const auto axes = std::max<std::size_t>(graph_.shape(x).rank(), 2) - 2;
            const auto kernel = static_cast<std::int64_t>(2 + choices_.below(2));
            attributes.set("kernel_shape", Integers(axes, kernel));
            attributes.set("strides", Integers(axes, static_cast<std::int64_t>(1 + choices_.below(2))));
            attributes.set("pads", Integers(2 * axes, static_cast<std::int64_t>(choices_.below(2))));
            attributes.set("ceil_mode", static_cast<std::int64_t>(choices_.below(2)));
            if (kind == OpKind::average_pool)
                attributes.set("count_include_pad", static_cast<std::int64_t>(choices_.below(2)));
        }
        emit(kind, {x}, std::move(attributes));
    }

    void add_concat()
    {
        Attributes attributes;
        attributes.set("axis", choices_.below(3) == 0 ? static_cast<std::int64_t>(choices_.below(4)) : std::int64_t{1});
        const auto a = any_value();
        const auto b = choices_.below(2) == 0 ? a : any_value();
        if (choices_.below(3) == 0)
            return emit(OpKind::concat, {a, b, any_value()}, std::move(attributes));
        emit(OpKind::concat, {a, b}, std::move(attributes));
    }

    void add_split()
    {
        const auto x = any_value();
        const auto axis = choices_.below(graph_.shape(x).rank() + 1);
        const auto extent = axis < graph_.shape(x).rank() ? graph_.shape(x)[axis] : 1;
        const auto first = choices_.below(2) == 0 ? extent / 2 : extent - std::min<std::int64_t>(extent, 16);
        Attributes attributes;
        attributes.set("axis", static_cast<std::int64_t>(axis));
        attributes.set("split", Integers{first, extent - first});
        emit(OpKind::split, {x}, std::move(attributes), 2);
    }

    void add_slice()
    {
        const auto x = any_value();
        const auto shape = graph_.shape(x);
        Integers starts, steps, extents;
        for (const auto extent : shape) {
            const bool cut = choices_.below(3) == 0 && extent > 1;
            const auto step = static_cast<std::int64_t>(cut ? 1 + choices_.below(2) : 1);
            starts.push_back(cut ? static_cast<std::int64_t>(choices_.below(2)) : 0);
            steps.push_back(step);
            extents.push_back(std::max<std::int64_t>((extent - starts.back()) / step, 1));
        }
        Attributes attributes;
        attributes.set("starts", starts);
        attributes.set("steps", steps);
        attributes.set("extents", extents);
        emit(OpKind::slice, {x}, std::move(attributes));
    }

    void add_reshape()
    {
        const auto x = any_value();
        const auto shape = graph_.shape(x);
        Integers extents(shape.begin(), shape.end());
        if (extents.size() < 2)
            return;
        switch (choices_.below(3)) {
        case 0: extents.insert(extents.begin() + 1, 1); break;
        case 1:
            extents[0] *= extents[1];
            extents.erase(extents.begin() + 1);
            break;
        default: std::ranges::reverse(extents);
        }
        Attributes attributes;
        attributes.set("shape", extents);
        emit(OpKind::reshape, {x}, std::move(attributes));
    }

    void add_transpose()
    {
        const auto x = any_value();
        Integers perm(graph_.shape(x).rank());
        std::iota(perm.begin(), perm.end(), 0);
        for (std::size_t i = perm.size(); i > 1; --i)
            std::swap(perm[i - 1], perm[choices_.below(i)]);
        Attributes attributes;
        attributes.set("perm", perm);
        emit(OpKind::transpose, {x}, std::move(attributes));
    }

    void add_resize()
    {
        const auto x = any_value();
        const auto shape = graph_.shape(x);
        const auto factor = static_cast<std::int64_t>(1 + choices_.below(3));
        Integers sizes(shape.begin(), shape.end());
        std::vector<float> scales(shape.rank(), 1);
        for (std::size_t i = 2; i < shape.rank(); ++i) {
            sizes[i] *= factor;
            scales[i] = static_cast<float>(factor);
        }
        Attributes attributes;
        attributes.set("sizes", sizes);
        attributes.set("scales", scales);
        attributes.set("mode", std::string(choices_.below(2) == 0 ? "nearest" : "linear"));
        constexpr const char* coordinates[] = {"asymmetric", "half_pixel", "align_corners"};
        attributes.set("coordinate_transformation_mode", std::string(choices_.one_of(coordinates)));
        attributes.set("nearest_mode", std::string(choices_.below(2) == 0 ? "floor" : "round_prefer_floor"));
        emit(OpKind::resize, {x}, std::move(attributes));
    }

    void add_batch_normalization()
    {
        const auto x = any_value();
        if (graph_.shape(x).rank() < 2)
            return;
        const Shape channels{graph_.shape(x)[1]};
        emit(OpKind::batch_normalization, {x, constant(channels, 0.5f, 1.5f), constant(channels, -1, 1),
                                           constant(channels, -1, 1), constant(channels, 0.5f, 2)});
    }

    void add_product()
    {
        const auto x = any_value();
        const auto shape = graph_.shape(x);
        if (shape.rank() < 1)
            return;
        const auto inner = shape[shape.rank() - 1];
        const auto bound = 1.5f / std::sqrt(static_cast<float>(std::max<std::int64_t>(inner, 1)));
        const auto outer = channels();
        const bool transposed = shape.rank() == 2 && choices_.below(2) == 0;
        const auto weights = constant(transposed ? Shape{outer, inner} : Shape{inner, outer}, -bound, bound);
        if (shape.rank() != 2)
            return emit(OpKind::mat_mul, {x, weights});
        Attributes attributes;
        attributes.set("transB", std::int64_t{transposed});
        attributes.set("alpha", 0.5f);
        attributes.set("beta", 2.0f);
        emit(OpKind::gemm, {x, weights, constant(Shape{outer}, -1, 1)}, std::move(attributes));
    }

    void add_reduction()
    {
        constexpr OpKind kinds[] = {OpKind::reduce_mean, OpKind::reduce_sum, OpKind::reduce_max, OpKind::reduce_l2};
        const auto x = any_value();
        Integers axes;
        for (std::size_t i = 0; i != graph_.shape(x).rank(); ++i)
            if (choices_.below(2) == 0)
                axes.push_back(static_cast<std::int64_t>(i));
        Attributes attributes;
        attributes.set("axes", axes);
        attributes.set("keepdims", static_cast<std::int64_t>(choices_.below(2)));
        emit(choices_.one_of(kinds), {x}, std::move(attributes));
    }

    void add_padding()
    {
        const auto x = any_value();
        Integers pads(2 * graph_.shape(x).rank());
        for (auto& pad : pads)
            pad = choices_.below(3) == 0 ? 1 : 0;
        Attributes attributes;
        attributes.set("pads", pads);
        attributes.set("mode", std::string(choices_.below(2) == 0 ? "constant" : "edge"));
        emit(OpKind::pad, {x}, std::move(attributes));
    }

    Choices choices_;
    Graph graph_;
    std::vector<ValueId> values_;
    std::mt19937 random_{1};
};

} // namespace

Graph random_graph(Choices choices)
{
    return Generator(choices).run();
}

} // namespace furiosa::fuzz
