#pragma once

#include <furiosa/compiler/graph.hpp>
#include <furiosa/core/error.hpp>

#include <cstdint>
#include <map>
#include <onnx/onnx_pb.h>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace furiosa::compiler {

/// A node of the source while it is translated: its attributes as they stand there, its inputs as values.
struct OnnxNode
{
    std::string name;
    std::string op_type;
    std::int64_t opset = 0;
    std::vector<ValueId> inputs; ///< no_value for those that are left out
    std::size_t outputs = 1;
    Attributes attributes;
    /// The attribute "value" of Constant and ConstantOfShape.
    std::optional<Value> value;

    ValueId input(std::size_t index) const noexcept { return index < inputs.size() ? inputs[index] : no_value; }
    bool has_input(std::size_t index) const noexcept { return input(index) != no_value; }

    template <class... Args>
    [[noreturn]] void fail(errc code, fmt::format_string<Args...> what, Args&&... args) const
    {
        throw Error(code, fmt::format("node '{}' ({}): {}", name, op_type, fmt::format(what, std::forward<Args>(args)...)));
    }
};

/// Builds the graph of a model: appends nodes, infers their shapes, and computes at once what is known, so that the
/// shapes of what follows are known too.
///
/// It computes in float32 where the model has float16: such values are widened when they are read, and what comes of
/// them is narrowed again where the graph ends.
class Frontend
{
public:
    /// `source_size`: of the model, in bytes. It bounds what is computed beforehand.
    explicit Frontend(std::size_t source_size);

    const Graph& graph() const noexcept { return graph_; }
    Graph& graph() noexcept { return graph_; }
    Graph take() { return std::move(graph_); }

    /// By value: what is appended moves the others.
    Shape shape(ValueId id) const { return graph_.shape(id); }
    DataType type(ValueId id) const { return graph_.at(id).desc.data_type; }

    /// Appends a node with `outputs` outputs, or computes it.
    std::vector<ValueId> append(OpKind kind, std::string name, std::vector<ValueId> inputs, Attributes attributes = {},
                                std::size_t outputs = 1);
    ValueId append_one(OpKind kind, std::string name, std::vector<ValueId> inputs, Attributes attributes = {});

    ValueId constant(std::string name, std::span<const std::int64_t> integers);
    ValueId scalar(std::string name, float value);
    /// A Reshape; the value itself if it has that shape.
    ValueId reshape(ValueId value, std::string name, const Shape& shape);
    ValueId cast(ValueId value, std::string name, DataType type);

    /// The value as operators compute with it: float32 if it is float16.
    ValueId widened(ValueId value);
    /// Does this value stand for one of float16?
    bool is_narrow(ValueId value) const { return narrow_.contains(value) || type(value) == DataType::float16; }
    void mark_narrow(ValueId value);
    /// The value in the type that it has in the model.
    ValueId narrowed(ValueId value);

    /// The integers that an input holds, which must be known by now. Throws errc::dynamic_dimension.
    std::vector<std::int64_t> known_integers(const OnnxNode& node, std::size_t index) const;
    std::vector<float> known_floats(const OnnxNode& node, std::size_t index) const;

private:
    bool try_fold(const Node& node);

    Graph graph_;
    std::set<ValueId> narrow_;
    std::map<ValueId, ValueId> widened_;
    std::size_t budget_; // bytes that may still be computed beforehand
};

/// An axis as ONNX has it, negative from the end. Throws errc::malformed_model.
std::int64_t normalized_axis(const OnnxNode& node, std::int64_t axis, std::size_t rank);

} // namespace furiosa::compiler
