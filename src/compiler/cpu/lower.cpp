#include "compiler/cpu/lower.hpp"

#include "compiler/cpu/lowering.hpp"

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/core/error.hpp>

#include <algorithm>

/// Of the OpenMP runtime that oneDNN uses. Its header belongs to one compiler; the function does not.
extern "C" void omp_set_num_threads(int threads);

namespace furiosa::compiler {

using program::ProgramOperator;

Lowering::Lowering(const Graph& graph, const LoweringOptions& options)
    : graph_(graph),
      options_(options),
      engine_(dnnl::engine::kind::cpu, 0),
      uses_left_(graph.use_counts())
{
}

program::ProgramContent Lowering::run()
{
    omp_set_num_threads(1); // which formats oneDNN likes depends on it; executors do the same
    find_homes();
    for (const auto input : graph_.inputs)
        place(input, builder_.add_input(graph_.at(input).desc));
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
    return builder_.finish(options_.target);
}

/// oneDNN has kernels for float32 of at most six axes, and none for nothing.
bool Lowering::suits_onednn(const Node& node) const
{
    if (node.kind == OpKind::reshape)
        return true;
    const auto suits = [&](ValueId id) {
        const auto& desc = graph_.at(id).desc;
        return desc.data_type == DataType::float32 && desc.shape.rank() <= 6 &&
               desc.shape.element_count() != 0;
    };
    return std::ranges::all_of(node.inputs, [&](ValueId id) { return id == no_value || suits(id); }) &&
           std::ranges::all_of(node.outputs, suits) &&
           (node.outputs.size() == 1 || node.kind == OpKind::split);
}

void Lowering::lower(const Node& node)
{
    switch (node.kind) {
    case OpKind::conv:
        return lower_conv(node);
    case OpKind::conv_transpose:
        return lower_conv_transpose(node);
    case OpKind::mat_mul:
        return lower_mat_mul(node);
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
    case OpKind::div:
        return lower_binary(node);
    case OpKind::max_pool:
    case OpKind::average_pool:
        return lower_pool(node);
    case OpKind::abs:
    case OpKind::clip:
    case OpKind::elu:
    case OpKind::exp:
    case OpKind::hard_swish:
    case OpKind::leaky_relu:
    case OpKind::relu:
    case OpKind::sigmoid:
    case OpKind::silu:
    case OpKind::sqrt:
    case OpKind::tanh:
        return lower_eltwise(node);
    case OpKind::softmax:
        return lower_softmax(node);
    case OpKind::transpose:
        return lower_transpose(node);
    case OpKind::reshape:
        return lower_reshape(node);
    case OpKind::concat:
        return lower_concat(node);
    case OpKind::slice:
        return lower_slice(node);
    case OpKind::split:
        return lower_split(node);
    case OpKind::resize:
        return lower_resize(node);
    default:
        return lower_plain(node);
    }
}

/// By the operator's definition, on dense tensors: for all that oneDNN has nothing for.
void Lowering::lower_plain(const Node& node)
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
        op.outputs.push_back(place(id, builder_.add_tensor(desc, "", desc.size_in_bytes())));
    }
    builder_.add_operator(std::move(op));
}

void Lowering::lower_output(ValueId id)
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

program::ProgramContent lower_for_cpu(const Graph& graph, const LoweringOptions& options)
{
    return Lowering(graph, options).run();
}

} // namespace furiosa::compiler
