#include "device/cpu/operators/operators.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/operators/operation.hpp>

namespace furiosa::device::cpu {

namespace {

/// Runs an operator by its definition, for all that oneDNN has nothing for.
class PlainStep final : public Step
{
public:
    PlainStep(StepBuilder& builder, const program::ProgramOperator& op) : op_(op), addresses_(builder.addresses())
    {
        for (const auto index : op.inputs)
            inputs_.push_back(index == program::no_tensor ? ConstTensorView() : view_of(builder.tensor(index)));
        for (const auto index : op.outputs) {
            outputs_.push_back(view_of(builder.tensor(index)));
            require_apart(builder, index);
        }
        check();
    }

    void run(dnnl_stream_t) override
    {
        for (std::size_t i = 0; i != inputs_.size(); ++i)
            if (op_.inputs[i] != program::no_tensor)
                inputs_[i] = {at(op_.inputs[i]), inputs_[i].data_type(), inputs_[i].shape()};
        for (std::size_t i = 0; i != outputs_.size(); ++i)
            outputs_[i] = {at(op_.outputs[i]), outputs_[i].data_type(), outputs_[i].shape()};
        operators::evaluate(operation(), inputs_, outputs_);
    }

private:
    static TensorView view_of(const program::ProgramTensor& tensor)
    {
        if (!tensor.format.empty())
            throw dnnl::error(dnnl_invalid_arguments, "a tensor is not dense");
        return {nullptr, tensor.desc.data_type, tensor.desc.shape};
    }

    static bool overlap(const program::ProgramTensor& a, const program::ProgramTensor& b)
    {
        if (a.location != b.location || a.size == 0 || b.size == 0)
            return false;
        if (a.location == program::Location::output)
            return a.offset == b.offset;
        return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
    }

    /// An operator that is computed plainly must not write over what it reads.
    void require_apart(StepBuilder& builder, program::TensorIndex output) const
    {
        for (const auto input : op_.inputs)
            if (input != program::no_tensor && overlap(builder.tensor(input), builder.tensor(output)))
                throw dnnl::error(dnnl_invalid_arguments, "it would write over what it reads");
    }

    operators::Operation operation() const { return {op_.kind, op_.name, op_.attributes}; }

    /// A tensor without elements has an address too: one without is left out.
    std::byte* at(program::TensorIndex index) const
    {
        static std::byte nowhere{};
        return addresses_[index] ? addresses_[index] : &nowhere;
    }

    /// The file says of what type and shape all tensors are; the definition must agree.
    void check() const
    {
        std::vector<operators::TensorType> types;
        types.reserve(inputs_.size());
        std::vector<const operators::TensorType*> given;
        for (std::size_t i = 0; i != inputs_.size(); ++i) {
            types.push_back({inputs_[i].data_type(), inputs_[i].shape()});
            given.push_back(op_.inputs[i] == program::no_tensor ? operators::no_input : &types.back());
        }
        std::vector<operators::TensorType> outputs;
        try {
            outputs = operators::infer(operation(), given, outputs_.size());
        } catch (const Error& error) {
            throw_error(errc::malformed_program, "the program file is damaged: {}", error.what());
        }
        for (std::size_t i = 0; i != outputs.size(); ++i)
            if (outputs[i].data_type != outputs_[i].data_type() || outputs[i].shape != outputs_[i].shape())
                throw dnnl::error(dnnl_invalid_arguments, "an output has another type or shape than the operator gives it");
    }

    const program::ProgramOperator& op_; // of the program, which the executor keeps
    std::span<std::byte* const> addresses_;
    std::vector<ConstTensorView> inputs_;
    std::vector<TensorView> outputs_;
};

} // namespace

std::unique_ptr<Step> make_plain(StepBuilder& builder, const program::ProgramOperator& op)
{
    return std::make_unique<PlainStep>(builder, op);
}

} // namespace furiosa::device::cpu
