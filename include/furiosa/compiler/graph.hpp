#pragma once

#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/core/tensor_desc.hpp>
#include <furiosa/core/tensor_view.hpp>
#include <furiosa/program/attributes.hpp>
#include <furiosa/program/op_kind.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace furiosa::compiler {

using program::Attributes;
using program::OpKind;

/// A value of a graph, by its place in `Graph::values`.
using ValueId = std::uint32_t;
/// An input that a node does not have.
inline constexpr ValueId no_value = UINT32_MAX;

/// What flows along an edge: described by its tensor; with bytes if it is known at compile time.
struct Value
{
    TensorDesc desc;
    std::optional<SharedBytes> constant;

    ConstTensorView view() const { return {constant->data(), desc.data_type, desc.shape}; }
};

struct Node
{
    OpKind kind = OpKind::identity;
    std::string name;
    std::vector<ValueId> inputs;
    std::vector<ValueId> outputs;
    Attributes attributes;

    ValueId input(std::size_t index) const noexcept { return index < inputs.size() ? inputs[index] : no_value; }
    bool has_input(std::size_t index) const noexcept { return input(index) != no_value; }
};

/// A model between its source and its program (DFG): operators on tensors of static shape, in an order in which
/// they can run. Frontends translate into it, passes rewrite it, the backend reads it.
struct Graph
{
    std::vector<Value> values;
    std::vector<Node> nodes;
    std::vector<ValueId> inputs;
    std::vector<ValueId> outputs;

    ValueId add(Value value)
    {
        values.push_back(std::move(value));
        return static_cast<ValueId>(values.size() - 1);
    }
    ValueId add_constant(std::string name, const ConstTensorView& elements);

    const Value& at(ValueId id) const { return values[id]; }
    bool is_constant(ValueId id) const { return id != no_value && values[id].constant.has_value(); }
    const Shape& shape(ValueId id) const { return values[id].desc.shape; }

    /// How often a value is read, by nodes and as an output of the graph.
    std::vector<unsigned> use_counts() const;
    /// The node that makes a value, or nothing for inputs and constants.
    std::vector<std::optional<std::size_t>> producers() const;
    /// Lets every reader of `from` read `to` instead.
    void replace_uses(ValueId from, ValueId to);
};

/// The graph in the language of Graphviz.
std::string to_dot(const Graph& graph);

} // namespace furiosa::compiler
