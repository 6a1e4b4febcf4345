#include "operators/activation.hpp"

#include "operators/activation_function.hpp"

namespace furiosa::operators {

namespace {

std::optional<OpKind> activation_of(const Attributes& attributes)
{
    return program::parse_op_kind(attributes.get<std::string>("activation"));
}

bool is_known(OpKind kind)
{
    return visit_activation(kind, {}, [](auto) {});
}

} // namespace

void require_known_activation(const Question& question, DataType output)
{
    if (!question.attributes().has("activation"))
        return;
    const auto kind = activation_of(question.attributes());
    if (!kind || !is_known(*kind) || output != DataType::float32)
        question.fail_with(errc::unsupported_operator,
                           fmt::format("'{}' is no activation that can be fused into it",
                                       question.attributes().get<std::string>("activation")));
}

void activate(const Attributes& attributes, std::span<float> values)
{
    if (const auto kind = activation_of(attributes))
        visit_activation(*kind, attributes, [&](auto function) {
            for (auto& value : values)
                value = function(value);
        });
}

} // namespace furiosa::operators
