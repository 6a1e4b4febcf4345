#include "device/cpu/operators/operators.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/operators/operation.hpp>

namespace furiosa::device::cpu {

using program::OpKind;

std::unique_ptr<Step> make_step(StepBuilder& builder, const program::ProgramOperator& op)
{
    if (op.attributes.integer("plain") != 0 && operators::can_evaluate(op.kind))
        return make_plain(builder, op);
    switch (op.kind) {
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
    case OpKind::div:
        return make_binary(builder, op);
    case OpKind::concat:
        return make_concat(builder, op);
    case OpKind::conv:
        return make_convolution(builder, op);
    case OpKind::conv_transpose:
        return make_transposed_convolution(builder, op);
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
        return make_eltwise(builder, op);
    case OpKind::mat_mul:
        return make_mat_mul(builder, op);
    case OpKind::average_pool:
    case OpKind::max_pool:
        return make_pooling(builder, op);
    case OpKind::reorder:
    case OpKind::transpose:
        return make_reorder(builder, op);
    case OpKind::resize:
        return make_resampling(builder, op);
    case OpKind::slice:
        return make_slice(builder, op);
    case OpKind::softmax:
        return make_softmax(builder, op);
    default:
        break;
    }
    throw_error(errc::malformed_program, "operator '{}': {} is not an operator of programs", op.name,
                to_string(op.kind));
}

void require_inputs(const program::ProgramOperator& op, std::size_t least, std::size_t most)
{
    if (op.inputs.size() < least || op.inputs.size() > most || op.outputs.size() != 1)
        throw_error(errc::malformed_program, "operator '{}' ({}): has {} inputs and {} outputs", op.name,
                    to_string(op.kind), op.inputs.size(), op.outputs.size());
}

dnnl::primitive_attr primitive_attributes(const program::Attributes& attributes, dnnl::post_ops operations)
{
    if (attributes.has("activation")) {
        const auto kind = program::parse_op_kind(attributes.get<std::string>("activation"));
        const auto function = kind ? eltwise_function(*kind, attributes) : std::nullopt;
        if (!function)
            throw dnnl::error(dnnl_invalid_arguments, "the activation is not one that can be fused");
        operations.append_eltwise(1, function->algorithm, function->alpha, function->beta);
    }
    dnnl::primitive_attr attr;
    attr.set_post_ops(operations);
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attr;
}

} // namespace furiosa::device::cpu
