#include <furiosa/compiler/infer_shape.hpp>

#include "compiler/broadcast.hpp"

#include <furiosa/compiler/window.hpp>
#include <furiosa/core/error.hpp>

#include <numeric>

namespace furiosa::compiler {

namespace {

template <class... Args>
[[noreturn]] void fail(const Node& node, fmt::format_string<Args...> what, Args&&... args)
{
    throw_error(errc::invalid_shape, "node '{}' ({}): {}", node.name, to_string(node.kind),
                fmt::format(what, std::forward<Args>(args)...));
}

const Shape& input_shape(const Graph& graph, const Node& node, std::size_t index)
{
    if (!node.has_input(index))
        throw_error(errc::malformed_model, "node '{}' ({}): input {} is missing", node.name, to_string(node.kind), index);
    return graph.shape(node.input(index));
}

Shape conv(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    const auto& w = input_shape(graph, node, 1);
    if (w.rank() != x.rank())
        fail(node, "the weights {} have another rank than the input {}", to_string(w), to_string(x));
    const auto window = window_of(node, x, {w.begin() + 2, w.end()});
    if (!std::equal(window.kernel.begin(), window.kernel.end(), w.begin() + 2))
        fail(node, "kernel_shape is not that of the weights {}", to_string(w));
    const auto group = node.attributes.integer("group", 1);
    if (group < 1 || x[1] % group != 0 || w[0] % group != 0 || w[1] != x[1] / group)
        fail(node, "{} groups do not divide input {} and weights {}", group, to_string(x), to_string(w));
    if (node.has_input(2) && graph.shape(node.input(2)) != Shape{w[0]})
        fail(node, "the bias has shape {} instead of [{}]", to_string(graph.shape(node.input(2))), w[0]);
    std::vector<std::int64_t> y{x[0], w[0]};
    y.insert(y.end(), window.output.begin(), window.output.end());
    return Shape(y);
}

Shape pool(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    if (!node.attributes.has("kernel_shape"))
        fail(node, "kernel_shape is missing");
    const auto window = window_of(node, x, {});
    for (std::size_t i = 0; i != window.kernel.size(); ++i)
        if (window.pads_begin[i] >= window.kernel[i] || window.pads_end[i] >= window.kernel[i])
            fail(node, "the padding is as wide as the window");
    std::vector<std::int64_t> y{x[0], x[1]};
    y.insert(y.end(), window.output.begin(), window.output.end());
    return Shape(y);
}

Shape global_pool(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    if (x.rank() < 3)
        fail(node, "the input {} has no spatial axes", to_string(x));
    std::vector<std::int64_t> y(x.rank(), 1);
    y[0] = x[0];
    y[1] = x[1];
    return Shape(y);
}

Shape gemm(const Graph& graph, const Node& node)
{
    const auto& a = input_shape(graph, node, 0);
    const auto& b = input_shape(graph, node, 1);
    if (a.rank() != 2 || b.rank() != 2)
        fail(node, "the factors {} and {} are not matrices", to_string(a), to_string(b));
    const bool ta = node.attributes.integer("transA") != 0;
    const bool tb = node.attributes.integer("transB") != 0;
    if (a[ta ? 0 : 1] != b[tb ? 1 : 0])
        fail(node, "the factors {} and {} do not fit together", to_string(a), to_string(b));
    const Shape y{a[ta ? 1 : 0], b[tb ? 0 : 1]};
    if (node.has_input(2) && broadcast(graph.shape(node.input(2)), y) != y)
        fail(node, "the addend {} does not fit the product {}", to_string(graph.shape(node.input(2))), to_string(y));
    return y;
}

Shape mat_mul(const Graph& graph, const Node& node)
{
    const auto& a = input_shape(graph, node, 0);
    const auto& b = input_shape(graph, node, 1);
    if (a.rank() < 2 || b.rank() < 2)
        fail(node, "factors of fewer than two axes, {} and {}, are not supported", to_string(a), to_string(b));
    const auto batch = broadcast(Shape(a.extents().first(a.rank() - 2)), Shape(b.extents().first(b.rank() - 2)));
    if (a[a.rank() - 1] != b[b.rank() - 2] || !batch)
        fail(node, "the factors {} and {} do not fit together", to_string(a), to_string(b));
    std::vector<std::int64_t> y(batch->begin(), batch->end());
    y.push_back(a[a.rank() - 2]);
    y.push_back(b[b.rank() - 1]);
    return Shape(y);
}

Shape elementwise(const Graph& graph, const Node& node)
{
    const auto& a = input_shape(graph, node, 0);
    const auto& b = input_shape(graph, node, 1);
    const auto y = broadcast(a, b);
    if (!y)
        fail(node, "{} and {} do not broadcast", to_string(a), to_string(b));
    return *y;
}

/// 0 keeps the extent of the input, -1 takes what is left.
Shape reshape(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    if (!graph.is_constant(node.input(1)) || graph.at(node.input(1)).desc.data_type != DataType::int64)
        throw_error(errc::dynamic_dimension, "node '{}' (Reshape): its shape is not known at compile time", node.name);
    const auto wanted = graph.at(node.input(1)).view().as<std::int64_t>();
    std::vector<std::int64_t> y(wanted.begin(), wanted.end());
    const bool allow_zero = node.attributes.integer("allowzero") != 0;
    std::optional<std::size_t> open;
    std::int64_t known = 1;
    for (std::size_t i = 0; i != y.size(); ++i) {
        if (y[i] == 0 && !allow_zero)
            y[i] = i < x.rank() ? x[i] : -2;
        if (y[i] == -1 && !std::exchange(open, i))
            continue;
        if (y[i] < 0 || (y[i] != 0 && known > INT64_MAX / y[i]))
            fail(node, "the shape that is asked for is not possible");
        known *= y[i];
    }
    const auto count = x.element_count();
    if (open)
        y[*open] = known == 0 || count % known != 0 ? -2 : count / known;
    else if (known != count && !y.empty() && y[0] == 1 && x.rank() != 0 && known * x[0] == count)
        y[0] = x[0]; // exported for one image, compiled for a batch of them
    if (open && y[*open] < 0)
        fail(node, "{} elements do not divide into the shape that is asked for", count);
    const Shape shape(y);
    if (shape.element_count() != count)
        fail(node, "{} has {} elements, {} has {}", to_string(x), count, to_string(shape), shape.element_count());
    return shape;
}

Shape flatten(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    const auto rank = static_cast<std::int64_t>(x.rank());
    auto axis = node.attributes.integer("axis", 1);
    if (axis < -rank || axis > rank)
        fail(node, "axis {} of the input {}", axis, to_string(x));
    if (axis < 0)
        axis += rank;
    const auto split = x.begin() + axis;
    const auto product = [](auto first, auto last) {
        return std::accumulate(first, last, std::int64_t{1}, std::multiplies<>());
    };
    return {product(x.begin(), split), product(split, x.end())};
}

Shape transpose(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    std::vector<std::int64_t> reversed(x.rank());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    const auto perm = node.attributes.integers("perm", reversed);
    auto sorted = perm;
    std::ranges::sort(sorted);
    if (!std::equal(sorted.begin(), sorted.end(), reversed.rbegin(), reversed.rend()))
        fail(node, "perm is no permutation of the axes of {}", to_string(x));
    std::vector<std::int64_t> y;
    for (const auto axis : perm)
        y.push_back(x[static_cast<std::size_t>(axis)]);
    return Shape(y);
}

Shape batch_normalization(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    for (std::size_t i = 1; i != 5; ++i)
        if (x.rank() < 2 || input_shape(graph, node, i) != Shape{x[1]})
            fail(node, "parameter {} does not have one number for each channel of {}", i, to_string(x));
    return x;
}

Shape softmax(const Graph& graph, const Node& node)
{
    const auto& x = input_shape(graph, node, 0);
    const auto rank = static_cast<std::int64_t>(x.rank());
    const auto axis = node.attributes.integer("axis", -1);
    if (axis < -rank || axis >= rank)
        fail(node, "axis {} of the input {}", axis, to_string(x));
    return x;
}

Shape output_shape(const Graph& graph, const Node& node)
{
    switch (node.kind) {
    case OpKind::conv: return conv(graph, node);
    case OpKind::max_pool:
    case OpKind::average_pool: return pool(graph, node);
    case OpKind::global_average_pool: return global_pool(graph, node);
    case OpKind::gemm: return gemm(graph, node);
    case OpKind::mat_mul: return mat_mul(graph, node);
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
    case OpKind::div: return elementwise(graph, node);
    case OpKind::reshape: return reshape(graph, node);
    case OpKind::flatten: return flatten(graph, node);
    case OpKind::transpose: return transpose(graph, node);
    case OpKind::batch_normalization: return batch_normalization(graph, node);
    case OpKind::softmax: return softmax(graph, node);
    case OpKind::clip:
    case OpKind::dropout:
    case OpKind::identity:
    case OpKind::relu:
    case OpKind::reorder:
    case OpKind::sigmoid: return input_shape(graph, node, 0);
    case OpKind::constant: break;
    }
    return graph.shape(node.outputs.at(0));
}

} // namespace

void infer_shape(Graph& graph, Node& node)
{
    const auto shape = output_shape(graph, node);
    auto& desc = graph.values[node.outputs.at(0)].desc;
    desc.shape = shape;
    if (node.has_input(0))
        desc.data_type = graph.at(node.input(0)).desc.data_type;
    const bool same_axes = node.kind != OpKind::reshape && node.kind != OpKind::flatten && node.kind != OpKind::transpose;
    if (node.has_input(0) && same_axes && desc.layout.empty() && graph.shape(node.input(0)).rank() == shape.rank())
        desc.layout = graph.at(node.input(0)).desc.layout;
}

} // namespace furiosa::compiler
