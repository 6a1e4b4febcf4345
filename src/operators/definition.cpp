#include "operators/definition.hpp"

#include <algorithm>

namespace furiosa::operators {

const TensorType& Question::input(std::size_t index) const
{
    if (!has(index))
        fail_with(errc::malformed_model, fmt::format("input {} is missing", index));
    return *inputs_[index];
}

void Question::require_type(std::size_t index, std::initializer_list<DataType> types) const
{
    if (std::ranges::find(types, type(index)) == types.end())
        fail_with(errc::unsupported_operator,
                  fmt::format("input {} is {}, which is not supported", index, to_string(type(index))));
}

void Question::require_same_type(std::size_t index, DataType wanted) const
{
    if (type(index) != wanted)
        fail_with(errc::malformed_model,
                  fmt::format("input {} is {} instead of {}", index, to_string(type(index)), to_string(wanted)));
}

void Question::require_scalar(std::size_t index) const
{
    if (shape(index).element_count() != 1)
        fail("input {} has shape {} instead of one element", index, to_string(shape(index)));
}

std::size_t Question::axis(const char* name, std::int64_t otherwise, std::size_t rank) const
{
    const auto value = attributes().integer(name, otherwise);
    if (value < 0 || static_cast<std::size_t>(value) >= rank)
        fail_with(errc::malformed_model, fmt::format("{} {} is not there: the rank is {}", name, value, rank));
    return static_cast<std::size_t>(value);
}

std::vector<std::int64_t> Question::integers(const char* name, std::size_t count, std::int64_t least,
                                             std::int64_t most) const
{
    auto values = attributes().integers(name);
    if (values.size() != count)
        fail_with(errc::malformed_model, fmt::format("{} has {} numbers instead of {}", name, values.size(), count));
    for (const auto value : values)
        if (value < least || value > most)
            fail_with(errc::malformed_model, fmt::format("{} holds {}", name, value));
    return values;
}

std::span<const std::int64_t> Work::integers(std::string_view name) const
{
    const auto& all = attributes().all();
    const auto found = all.find(name);
    const auto* list = found == all.end() ? nullptr : std::get_if<std::vector<std::int64_t>>(&found->second);
    return list ? *list : std::span<const std::int64_t>();
}

void Question::fail_with(errc code, std::string_view what) const
{
    throw Error(code, fmt::format("node '{}' ({}): {}", operation_.name, to_string(operation_.kind), what));
}

std::vector<TensorType> infer(const Operation& operation, std::span<const TensorType* const> inputs,
                              std::size_t outputs)
{
    const Question question(operation, inputs, outputs);
    const auto* definition = definition_of(operation.kind);
    if (!definition)
        question.fail_with(errc::unsupported_operator, "this operator is not computed");
    if (inputs.size() < definition->least_inputs || inputs.size() > definition->most_inputs)
        question.fail_with(errc::malformed_model, fmt::format("has {} inputs", inputs.size()));
    if (outputs == 0 || outputs > definition->most_outputs)
        question.fail_with(errc::malformed_model, fmt::format("has {} outputs", outputs));
    for (std::size_t i = 0; i != definition->least_inputs; ++i)
        static_cast<void>(question.input(i));
    auto types = definition->infer(question);
    if (types.size() < outputs)
        question.fail_with(errc::unsupported_operator, fmt::format("only its first {} outputs are supported", types.size()));
    types.resize(outputs);
    return types;
}

void evaluate(const Operation& operation, std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs)
{
    definition_of(operation.kind)->evaluate({operation, inputs, outputs});
}

bool can_evaluate(OpKind kind) noexcept
{
    return definition_of(kind) != nullptr;
}

} // namespace furiosa::operators
