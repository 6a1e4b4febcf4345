#include "compiler/cpu/lower.hpp"

#include "compiler/cpu/program_builder.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/operators/window.hpp>

#include <algorithm>
#include <functional>
#include <oneapi/dnnl/dnnl.hpp>

namespace furiosa::compiler {

namespace {

namespace cpu = device::cpu;
using dnnl::memory;
using program::ProgramOperator;

class Lowering
{
public:
    explicit Lowering(const Graph& graph)
        : graph_(graph), engine_(dnnl::engine::kind::cpu, 0), uses_left_(graph.use_counts())
    {
    }

    program::ProgramContent run(std::string target)
    {
        for (const auto input : graph_.inputs)
            placed_[{input, ""}] = newest_[input] = builder_.add_input(graph_.at(input).desc);
        for (const auto& node : graph_.nodes) {
            try {
                suits_onednn(node) ? lower(node) : lower_plain(node);
            } catch (const dnnl::error&) {
                lower_plain(node); // it has no kernel for this case
            }
            for (const auto id : node.inputs)
                if (id != no_value)
                    --uses_left_[id];
        }
        for (const auto output : graph_.outputs)
            lower_output(output);
        return builder_.finish(std::move(target));
    }

private:
    /// oneDNN has kernels for float32 of at most six axes, and none for nothing.
    bool suits_onednn(const Node& node) const
    {
        if (node.kind == OpKind::reshape)
            return true;
        const auto suits = [&](ValueId id) {
            const auto& desc = graph_.at(id).desc;
            return desc.data_type == DataType::float32 && desc.shape.rank() <= 6 && desc.shape.element_count() != 0;
        };
        return std::ranges::all_of(node.inputs, [&](ValueId id) { return id == no_value || suits(id); }) &&
               node.outputs.size() == 1 && suits(node.outputs[0]);
    }

    void lower(const Node& node)
    {
        switch (node.kind) {
        case OpKind::conv: return lower_conv(node);
        case OpKind::mat_mul: return lower_mat_mul(node);
        case OpKind::add:
        case OpKind::sub:
        case OpKind::mul:
        case OpKind::div: return lower_binary(node);
        case OpKind::max_pool:
        case OpKind::average_pool: return lower_pool(node);
        case OpKind::relu:
        case OpKind::clip:
        case OpKind::sigmoid: return lower_eltwise(node);
        case OpKind::softmax: return lower_softmax(node);
        case OpKind::transpose: return lower_transpose(node);
        case OpKind::reshape: return lower_reshape(node);
        default: return lower_plain(node);
        }
    }

    /// By the operator's definition, on dense tensors: for all that oneDNN has nothing for.
    void lower_plain(const Node& node)
    {
        if (!operators::can_evaluate(node.kind))
            throw_error(errc::unsupported_operator, "node '{}': {} does not run on the CPU device", node.name,
                        to_string(node.kind));
        ProgramOperator op{node.kind, node.name, {}, {}, node.attributes};
        op.attributes.set("plain", std::int64_t{1});
        for (const auto id : node.inputs)
            op.inputs.push_back(id == no_value ? program::no_tensor : in_format(id, ""));
        for (const auto id : node.outputs) {
            const auto& desc = graph_.at(id).desc;
            const auto index = builder_.add_tensor(desc, "", desc.size_in_bytes());
            newest_[id] = placed_[{id, ""}] = index;
            op.outputs.push_back(index);
        }
        builder_.add_operator(std::move(op));
    }

    // Tensors in formats

    memory::desc desc_of(TensorIndex index) const
    {
        const auto& tensor = builder_.tensor(index);
        return cpu::describe(tensor.desc, tensor.format);
    }

    /// The value in the format that it has: that in which it was made.
    TensorIndex as_it_is(ValueId id) { return newest_.contains(id) ? newest_.at(id) : in_format(id, ""); }

    /// The value in a given format: constants are packed now, others reordered when they are not there yet.
    TensorIndex in_format(ValueId id, const std::string& format)
    {
        if (const auto found = placed_.find({id, format}); found != placed_.end())
            return found->second;
        const auto& value = graph_.at(id);
        TensorIndex index;
        if (value.constant) {
            index = pack(value.desc, value.view(), format);
        } else {
            index = add_tensor(value.desc, cpu::describe(value.desc, format));
            emit(OpKind::reorder, value.desc.name + "/reorder", {newest_.at(id)}, index, {});
        }
        placed_[{id, format}] = index;
        return index;
    }

    TensorIndex pack(const TensorDesc& desc, const ConstTensorView& elements, const std::string& format)
    {
        if (format.empty())
            return builder_.add_weight(desc, format, elements.bytes());
        const auto packed = cpu::describe(desc, format);
        Tensor room(DataType::uint8, {static_cast<std::int64_t>(packed.get_size())});
        memory from(cpu::describe(desc, ""), engine_, const_cast<std::byte*>(elements.data()));
        memory to(packed, engine_, room.data());
        dnnl::stream stream(engine_);
        dnnl::reorder(from, to).execute(stream, from, to);
        stream.wait();
        return builder_.add_weight(desc, format, room.view().bytes());
    }

    TensorIndex add_tensor(const TensorDesc& desc, const memory::desc& layout)
    {
        return builder_.add_tensor(desc, cpu::format_name(layout), std::max(layout.get_size(), desc.size_in_bytes()));
    }

    /// The output of a node, in the format of `layout`.
    TensorIndex make_output(const Node& node, const memory::desc& layout)
    {
        const auto id = node.outputs[0];
        const auto index = add_tensor(graph_.at(id).desc, layout);
        newest_[id] = placed_[{id, builder_.tensor(index).format}] = index;
        return index;
    }

    memory::desc dense_desc(ValueId id) const { return cpu::describe(graph_.at(id).desc, ""); }

    void emit(OpKind kind, std::string name, std::vector<TensorIndex> inputs, TensorIndex output, Attributes attributes)
    {
        builder_.add_operator({kind, std::move(name), std::move(inputs), {output}, std::move(attributes)});
    }

    /// The same elements with leading extents of 1.
    TensorIndex with_rank(TensorIndex index, std::size_t rank)
    {
        auto desc = builder_.tensor(index).desc;
        if (desc.shape.rank() >= rank)
            return index;
        std::vector<std::int64_t> extents(rank - desc.shape.rank(), 1);
        extents.insert(extents.end(), desc.shape.begin(), desc.shape.end());
        desc.shape = Shape(extents);
        desc.layout.clear();
        return builder_.add_alias(index, desc);
    }

    // Operators

    static Attributes window_attributes(const Node& node, const operators::Window& window)
    {
        Attributes attributes;
        attributes.set("kernel_shape", window.kernel);
        attributes.set("strides", window.strides);
        attributes.set("dilations", window.dilations);
        attributes.set("pads_begin", window.pads_begin);
        attributes.set("pads_end", window.pads_end);
        copy_activation(node, attributes);
        return attributes;
    }

    static void copy_activation(const Node& node, Attributes& attributes)
    {
        for (const auto& [name, value] : node.attributes.all())
            if (name == "activation" || name == "min" || name == "max")
                attributes.set(name, value);
    }

    /// oneDNN wants the groups of a grouped convolution as an axis of their own.
    TensorDesc weights_desc(const Node& node) const
    {
        auto desc = graph_.at(node.inputs[1]).desc;
        const auto group = node.attributes.integer("group", 1);
        if (group == 1)
            return desc;
        std::vector<std::int64_t> extents{group, desc.shape[0] / group};
        extents.insert(extents.end(), desc.shape.begin() + 1, desc.shape.end());
        desc.shape = Shape(extents);
        desc.layout.clear();
        return desc;
    }

    void lower_conv(const Node& node)
    {
        const auto& x = graph_.at(node.inputs[0]).desc;
        const auto window = operators::window_of(operation_of(node), x.shape, {graph_.shape(node.inputs[1]).begin() + 2, graph_.shape(node.inputs[1]).end()});
        auto attributes = window_attributes(node, window);
        const auto weights = weights_desc(node);
        cpu::ConvolutionDescs descs{cpu::any_format(dense_desc(node.inputs[0])),
                                    cpu::any_format(cpu::describe(weights, "")),
                                    cpu::any_format(dense_desc(node.outputs[0])), {}};
        if (node.has_input(2))
            descs.bias = dense_desc(node.inputs[2]);
        attributes.set("bias", std::int64_t{node.has_input(2)});
        attributes.set("accumulate", std::int64_t{node.has_input(3)});
        const auto chosen = cpu::convolution_desc(engine_, attributes, descs);

        std::vector<TensorIndex> inputs{in_format(node.inputs[0], cpu::format_name(chosen.src_desc())),
                                        place_weights(node.inputs[1], weights, chosen.weights_desc())};
        if (node.has_input(2))
            inputs.push_back(in_format(node.inputs[2], ""));
        const auto output = node.has_input(3) ? make_accumulator(node, chosen.dst_desc()) : make_output(node, chosen.dst_desc());
        if (node.has_input(3))
            inputs.push_back(output);
        emit(OpKind::conv, node.name, std::move(inputs), output, std::move(attributes));
    }

    /// The output of a convolution that adds to its residual: in the residual's place if nobody needs that any more,
    /// else a copy of it.
    TensorIndex make_accumulator(const Node& node, const memory::desc& layout)
    {
        const auto residual = in_format(node.inputs[3], cpu::format_name(layout));
        if (!is_last_use(residual, node)) {
            const auto copy = make_output(node, layout);
            emit(OpKind::reorder, node.name + "/residual", {residual}, copy, {});
            return copy;
        }
        const auto id = node.outputs[0];
        const auto index = builder_.add_alias(residual, graph_.at(id).desc);
        newest_[id] = placed_[{id, builder_.tensor(index).format}] = index;
        return index;
    }

    /// Whether no node after this one, nor this one in another place, reads what lies in the memory of a tensor.
    bool is_last_use(TensorIndex index, const Node& node) const
    {
        if (builder_.tensor(index).location != program::Location::arena)
            return false;
        const auto root = builder_.root_of(index);
        return std::ranges::none_of(placed_, [&](const auto& entry) {
            const auto id = entry.first.first;
            const auto uses_here = static_cast<unsigned>(std::ranges::count(node.inputs, id));
            return builder_.root_of(entry.second) == root && (uses_left_[id] > uses_here || id == node.inputs[0] || id == node.inputs[1]);
        });
    }

    TensorIndex place_weights(ValueId id, const TensorDesc& desc, const memory::desc& layout)
    {
        const auto& value = graph_.at(id);
        const auto format = cpu::format_name(layout);
        if (value.constant)
            return pack(desc, {value.constant->data(), desc.data_type, desc.shape}, format);
        const auto dense = builder_.add_alias(in_format(id, ""), desc);
        if (format.empty())
            return dense;
        const auto packed = add_tensor(desc, layout);
        emit(OpKind::reorder, desc.name + "/reorder", {dense}, packed, {});
        return packed;
    }

    void lower_mat_mul(const Node& node)
    {
        const auto rank = graph_.shape(node.outputs[0]).rank();
        const auto a = with_rank(in_format(node.inputs[0], ""), rank);
        auto b = with_rank(in_format_for_factor(node, rank), rank);
        std::vector<TensorIndex> inputs{a, b};
        if (node.has_input(2))
            inputs.push_back(with_rank(in_format(node.inputs[2], ""), rank));
        Attributes attributes;
        copy_activation(node, attributes);
        emit(OpKind::mat_mul, node.name, std::move(inputs), make_output(node, dense_desc(node.outputs[0])), std::move(attributes));
    }

    /// A constant second factor is packed as oneDNN likes it.
    TensorIndex in_format_for_factor(const Node& node, std::size_t rank)
    {
        const auto id = node.inputs[1];
        if (!graph_.is_constant(id) || graph_.shape(id).rank() != rank || graph_.shape(node.inputs[0]).rank() != rank)
            return in_format(id, "");
        const auto chosen = cpu::mat_mul_desc(engine_, {}, dense_desc(node.inputs[0]), cpu::any_format(dense_desc(id)), {},
                                              dense_desc(node.outputs[0]));
        return in_format(id, cpu::format_name(chosen.weights_desc()));
    }

    void lower_binary(const Node& node)
    {
        const auto output = node.outputs[0];
        const auto& shape = graph_.shape(output);
        auto a = node.inputs[0];
        auto b = node.inputs[1];
        if (graph_.shape(a) != shape && (node.kind == OpKind::add || node.kind == OpKind::mul))
            std::swap(a, b);
        if (graph_.shape(a) != shape)
            return lower_plain(node);
        const auto left = as_it_is(a);
        const auto format = builder_.tensor(left).format;
        const bool same = graph_.shape(b) == shape;
        const auto right = same ? in_format(b, format) : with_rank(in_format(b, ""), shape.rank());
        emit(node.kind, node.name, {left, right}, make_output(node, desc_of(left)), {});
    }

    void lower_pool(const Node& node)
    {
        const auto window = operators::window_of(operation_of(node), graph_.shape(node.inputs[0]), {});
        if (counts_some_padding_only(node, window))
            return lower_plain(node);
        const auto source = as_it_is(node.inputs[0]);
        auto attributes = window_attributes(node, window);
        attributes.set("count_include_pad", node.attributes.integer("count_include_pad"));
        stretch_padding(node, window, attributes);
        const ProgramOperator op{node.kind, node.name, {}, {}, attributes};
        const auto chosen = cpu::pooling_desc(engine_, op, desc_of(source), cpu::any_format(dense_desc(node.outputs[0])));
        emit(node.kind, node.name, {source}, make_output(node, chosen.dst_desc()), std::move(attributes));
    }

    /// What ceil_mode adds is padding, too.
    void stretch_padding(const Node& node, const operators::Window& window, Attributes& attributes) const
    {
        attributes.set("pads_end", reach_of(node, window));
    }

    /// How far behind the input its windows reach.
    std::vector<std::int64_t> reach_of(const Node& node, const operators::Window& window) const
    {
        auto end = window.pads_end;
        for (std::size_t i = 0; i != end.size(); ++i) {
            const auto extent = graph_.shape(node.inputs[0])[i + 2];
            const auto reach = (window.output[i] - 1) * window.strides[i] + (window.kernel[i] - 1) * window.dilations[i] + 1;
            end[i] = reach - extent - window.pads_begin[i];
        }
        return end;
    }

    /// Averages count the padding that was asked for, but not what ceil_mode adds: oneDNN knows no difference.
    bool counts_some_padding_only(const Node& node, const operators::Window& window) const
    {
        const auto reach = reach_of(node, window);
        return node.kind == OpKind::average_pool && node.attributes.integer("count_include_pad") != 0 &&
               !std::equal(reach.begin(), reach.end(), window.pads_end.begin(), std::less_equal<>());
    }

    void lower_eltwise(const Node& node)
    {
        if (node.inputs.size() != 1) // a Clip whose bounds are computed
            return lower_plain(node);
        const auto source = as_it_is(node.inputs[0]);
        Attributes attributes;
        copy_activation(node, attributes);
        emit(node.kind, node.name, {source}, make_output(node, desc_of(source)), std::move(attributes));
    }

    void lower_softmax(const Node& node)
    {
        Attributes attributes;
        auto axis = node.attributes.integer("axis", -1);
        if (axis < 0)
            axis += static_cast<std::int64_t>(graph_.shape(node.outputs[0]).rank());
        attributes.set("axis", axis);
        emit(node.kind, node.name, {in_format(node.inputs[0], "")}, make_output(node, dense_desc(node.outputs[0])),
             std::move(attributes));
    }

    void lower_transpose(const Node& node)
    {
        Attributes attributes;
        attributes.set("perm", node.attributes.integers("perm"));
        emit(node.kind, node.name, {in_format(node.inputs[0], "")}, make_output(node, dense_desc(node.outputs[0])),
             std::move(attributes));
    }

    /// Costs nothing: the same memory under another shape.
    void lower_reshape(const Node& node)
    {
        const auto id = node.outputs[0];
        newest_[id] = placed_[{id, ""}] = builder_.add_alias(in_format(node.inputs[0], ""), graph_.at(id).desc);
    }

    void lower_output(ValueId id)
    {
        auto index = in_format(id, "");
        if (!builder_.make_output(index)) {
            const auto& desc = graph_.at(id).desc;
            const auto copy = builder_.add_tensor(desc, "", desc.size_in_bytes());
            Attributes plain;
            plain.set("plain", std::int64_t{1});
            emit(OpKind::identity, desc.name + "/copy", {index}, copy, std::move(plain));
            index = copy;
            builder_.make_output(index);
        }
        builder_.add_output(index);
    }

    const Graph& graph_;
    dnnl::engine engine_;
    ProgramBuilder builder_;
    std::vector<unsigned> uses_left_; // of each value, by the nodes that are not lowered yet and as an output
    std::map<std::pair<ValueId, std::string>, TensorIndex> placed_; // values in the formats that are there
    std::map<ValueId, TensorIndex> newest_;                         // values in the format in which they were made
};

} // namespace

program::ProgramContent lower_for_cpu(const Graph& graph, std::string target)
{
    return Lowering(graph).run(std::move(target));
}

} // namespace furiosa::compiler
