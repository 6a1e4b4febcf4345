#include "compiler/passes/fuse.hpp"

#include <furiosa/compiler/passes.hpp>

#include <cmath>

namespace furiosa::compiler {

namespace {

/// Looks at what the nodes are made of. Nothing is changed while it looks.
class Matcher
{
public:
    explicit Matcher(Graph& graph) : graph_(graph), producers_(graph.producers()), uses_(graph.use_counts())
    {
    }

    /// x for x * Sigmoid(x).
    ValueId silu(const Node& node) const
    {
        return product_with(node, [&](ValueId factor, ValueId x) {
            const auto* sigmoid = made_by(factor, OpKind::sigmoid);
            return sigmoid && sigmoid->inputs[0] == x;
        });
    }

    /// x for x * HardSigmoid(x) with ONNX's slope of a sixth, and for x * Clip(x + 3, 0, 6) / 6, in any
    /// order.
    ValueId hard_swish(const Node& node) const
    {
        const auto x =
            product_with(node, [&](ValueId factor, ValueId x) { return is_hard_sigmoid(factor, x); });
        if (x != no_value)
            return x;
        const auto sextuple = divided_by_six(node);
        const auto* product = made_by(sextuple, OpKind::mul);
        return product
                   ? product_with(*product, [&](ValueId factor, ValueId of) { return is_relu6(factor, of); })
                   : no_value;
    }

private:
    /// The node that makes a value, if it is of that kind and nobody else reads the value.
    const Node* made_by(ValueId value, OpKind kind) const
    {
        const Node* const node = sole_producer(graph_, value, producers_, uses_);
        return node && node->kind == kind ? node : nullptr;
    }

    /// `x` if the node is x times a factor that `fits(factor, x)`.
    template <class Fits>
    ValueId product_with(const Node& node, Fits fits) const
    {
        if (node.kind != OpKind::mul)
            return no_value;
        for (const std::size_t side : {0, 1})
            if (const auto x = node.inputs[side]; fits(node.inputs[1 - side], x))
                return x;
        return no_value;
    }

    bool is_scalar(ValueId id, float wanted) const
    {
        if (!graph_.is_constant(id) || graph_.at(id).desc.data_type != DataType::float32 ||
            graph_.shape(id).element_count() != 1)
            return false;
        const auto value = graph_.at(id).view().as<float>()[0];
        return std::abs(value - wanted) <= 1e-6f * std::abs(wanted);
    }

    /// y for y / 6 and y * (1 / 6).
    ValueId divided_by_six(const Node& node) const
    {
        if (node.kind == OpKind::div && is_scalar(node.inputs[1], 6))
            return node.inputs[0];
        if (node.kind == OpKind::mul)
            for (const std::size_t side : {0, 1})
                if (is_scalar(node.inputs[1 - side], 1.0f / 6))
                    return node.inputs[side];
        return no_value;
    }

    /// Clip(x + 3, 0, 6)
    bool is_relu6(ValueId value, ValueId x) const
    {
        const auto* clip = made_by(value, OpKind::clip);
        if (!clip || clip->has_input(1) || clip->has_input(2) ||
            clip->attributes.real("min", -INFINITY) != 0 || clip->attributes.real("max", INFINITY) != 6)
            return false;
        const auto* sum = made_by(clip->inputs[0], OpKind::add);
        return sum && ((sum->inputs[0] == x && is_scalar(sum->inputs[1], 3)) ||
                       (sum->inputs[1] == x && is_scalar(sum->inputs[0], 3)));
    }

    bool is_hard_sigmoid(ValueId value, ValueId x) const
    {
        const Node* const node = sole_producer(graph_, value, producers_, uses_);
        if (!node)
            return false;
        if (node->kind == OpKind::hard_sigmoid)
            return node->inputs[0] == x &&
                   std::abs(node->attributes.real("alpha", 0.2f) - 1.0f / 6) < 1e-6f &&
                   node->attributes.real("beta", 0.5f) == 0.5f;
        const auto sextuple = divided_by_six(*node);
        return sextuple != no_value && is_relu6(sextuple, x);
    }

    Graph& graph_;
    std::vector<std::optional<std::size_t>> producers_;
    std::vector<unsigned> uses_;
};

} // namespace

Graph recognize_activations(Graph graph)
{
    const Matcher matcher(graph);
    for (auto& node : graph.nodes)
        for (const auto kind : {OpKind::silu, OpKind::hard_swish}) {
            const auto x = kind == OpKind::silu ? matcher.silu(node) : matcher.hard_swish(node);
            if (x == no_value || graph.shape(x) != graph.shape(node.outputs[0]))
                continue;
            node.kind = kind;
            node.inputs = {x};
            node.attributes = {};
        }
    return remove_dead_code(std::move(graph));
}

} // namespace furiosa::compiler
