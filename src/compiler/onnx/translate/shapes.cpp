#include "compiler/onnx/translate/translate.hpp"
#include "operators/broadcast.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace furiosa::compiler::translate {

Shape input_shape(const Frontend& frontend, const OnnxNode& node)
{
    if (!node.has_input(0))
        node.fail(errc::malformed_model, "input 0 is missing");
    return frontend.shape(node.inputs[0]);
}

namespace {

using Integers = std::vector<std::int64_t>;

/// An attribute once, an input since.
std::optional<Integers> list_of(const Frontend& frontend, const OnnxNode& node, const char* attribute)
{
    if (node.has_input(1))
        return frontend.known_integers(node, 1);
    if (node.attributes.has(attribute))
        return node.attributes.integers(attribute);
    return std::nullopt;
}

/// Always a node of its own, so that each output of the source has a value.
Values reshaped(Frontend& frontend, const OnnxNode& node, const Integers& extents)
{
    Attributes attributes;
    attributes.set("shape", extents);
    return frontend.append(OpKind::reshape, node.name, {node.inputs[0]}, std::move(attributes));
}

/// The product of what is asked for, but for the one extent that is left open. Throws where it overflows.
std::int64_t known_product(const OnnxNode& node, const Integers& extents)
{
    std::int64_t product = 1;
    for (const auto extent : extents) {
        if (extent < -1 || (extent > 0 && product > INT64_MAX / extent))
            node.fail(errc::invalid_shape, "the shape that is asked for is not possible");
        product *= extent == -1 ? 1 : extent;
    }
    return product;
}

/// Whether the model was exported for one image, and is compiled for a batch of them.
bool lacks_only_batch(const Integers& y, std::int64_t y_count, const Shape& x)
{
    std::int64_t count;
    return !y.empty() && y[0] == 1 && x.rank() != 0 && !__builtin_mul_overflow(y_count, x[0], &count) &&
           count == x.element_count();
}

/// 0 keeps the extent of the input, -1 takes what is left.
Integers reshape_extents(const OnnxNode& node, const Shape& x, Integers y)
{
    if (node.attributes.integer("allowzero") == 0)
        for (std::size_t i = 0; i != y.size(); ++i)
            if (y[i] == 0) {
                if (i >= x.rank())
                    node.fail(errc::invalid_shape, "extent {} is to be kept, but the input has {}", i, x.rank());
                y[i] = x[i];
            }
    if (std::ranges::count(y, -1) > 1)
        node.fail(errc::invalid_shape, "the shape that is asked for leaves two extents open");
    const auto known = known_product(node, y);
    const auto count = x.element_count();
    if (const auto open = std::ranges::find(y, -1); open != y.end()) {
        if (known == 0 || count % known != 0)
            node.fail(errc::invalid_shape, "{} elements do not divide into the shape that is asked for", count);
        *open = count / known;
    } else if (known != count && lacks_only_batch(y, known, x)) {
        y[0] = x[0];
    }
    return y;
}

} // namespace

Values reshape(Frontend& frontend, OnnxNode& node)
{
    const auto x = input_shape(frontend, node);
    const auto wanted = list_of(frontend, node, "shape");
    if (!wanted)
        node.fail(errc::malformed_model, "its shape is missing");
    return reshaped(frontend, node, reshape_extents(node, x, *wanted));
}

Values flatten(Frontend& frontend, OnnxNode& node)
{
    const auto x = input_shape(frontend, node);
    auto axis = node.attributes.integer("axis", 1);
    if (axis != static_cast<std::int64_t>(x.rank())) // behind the last one is allowed
        axis = normalized_axis(node, axis, x.rank());
    const auto product = [](auto first, auto last) {
        return std::accumulate(first, last, std::int64_t{1}, std::multiplies<>());
    };
    return reshaped(frontend, node, {product(x.begin(), x.begin() + axis), product(x.begin() + axis, x.end())});
}

Values squeeze(Frontend& frontend, OnnxNode& node)
{
    const auto x = input_shape(frontend, node);
    const auto axes = list_of(frontend, node, "axes");
    std::vector<bool> goes(x.rank());
    for (std::size_t i = 0; !axes && i != x.rank(); ++i)
        goes[i] = x[i] == 1;
    for (const auto axis : axes.value_or(Integers())) {
        const auto i = static_cast<std::size_t>(normalized_axis(node, axis, x.rank()));
        if (x[i] != 1)
            node.fail(errc::invalid_shape, "axis {} of {} has an extent of {}", axis, to_string(x), x[i]);
        goes[i] = true;
    }
    Integers kept;
    for (std::size_t i = 0; i != x.rank(); ++i)
        if (!goes[i])
            kept.push_back(x[i]);
    return reshaped(frontend, node, kept);
}

Values unsqueeze(Frontend& frontend, OnnxNode& node)
{
    const auto x = input_shape(frontend, node);
    const auto axes = list_of(frontend, node, "axes");
    if (!axes)
        node.fail(errc::malformed_model, "its axes are missing");
    const auto rank = x.rank() + axes->size();
    if (rank > Shape::max_rank)
        node.fail(errc::invalid_shape, "the result would have {} axes", rank);
    std::vector<bool> is_new(rank);
    for (const auto axis : *axes) {
        const auto i = static_cast<std::size_t>(normalized_axis(node, axis, rank));
        if (is_new[i])
            node.fail(errc::malformed_model, "axis {} is named twice", axis);
        is_new[i] = true;
    }
    Integers extents;
    auto next = x.begin();
    for (std::size_t i = 0; i != rank; ++i)
        extents.push_back(is_new[i] ? 1 : *next++);
    return reshaped(frontend, node, extents);
}

Values expand(Frontend& frontend, OnnxNode& node)
{
    const auto x = input_shape(frontend, node);
    const Shape wanted(frontend.known_integers(node, 1));
    const auto y = operators::broadcast(x, wanted);
    if (!y)
        node.fail(errc::invalid_shape, "{} and {} do not broadcast", to_string(x), to_string(wanted));
    Attributes attributes;
    attributes.set("shape", Integers(y->begin(), y->end()));
    return frontend.append(OpKind::expand, node.name, {node.inputs[0]}, std::move(attributes));
}

Values transpose(Frontend& frontend, OnnxNode& node)
{
    const auto rank = input_shape(frontend, node).rank();
    Integers perm(rank);
    std::iota(perm.rbegin(), perm.rend(), 0);
    Attributes attributes;
    attributes.set("perm", node.attributes.integers("perm", perm));
    return frontend.append(OpKind::transpose, node.name, {node.inputs[0]}, std::move(attributes));
}

} // namespace furiosa::compiler::translate
