#include "operators/quantize.hpp"

namespace furiosa::operators {

namespace {

/// The default of the attribute axis.
constexpr std::int64_t default_axis = 1;

} // namespace

QuantizedBlocks quantized_blocks(const Shape& shape, std::int64_t scales,
                                 const Attributes& attributes) noexcept
{
    if (scales == 1)
        return {1, 1, shape.element_count()};
    const auto axis = static_cast<std::size_t>(attributes.integer("axis", default_axis));
    QuantizedBlocks blocks{1, scales, 1};
    for (std::size_t i = 0; i != shape.rank(); ++i)
        if (i != axis)
            (i < axis ? blocks.outer : blocks.inner) *= shape[i];
    return blocks;
}

void check_scale(const Question& question)
{
    question.require_type(1, {DataType::float32});
    if (question.attributes().integer("block_size") != 0)
        question.fail_with(errc::unsupported_operator, "scales of blocks are not supported");
    const auto& shape = question.shape(0);
    const auto& scale = question.shape(1);
    if (scale.element_count() != 1) {
        const auto axis = question.axis("axis", default_axis, shape.rank());
        if (scale.rank() != 1 || scale[0] != shape[axis])
            question.fail("scales of shape {} are not those of axis {} of {}", to_string(scale), axis,
                          to_string(shape));
    }
    if (!question.has(2))
        return;
    const auto& zero_point = question.shape(2);
    if (scale.element_count() == 1)
        question.require_scalar(2);
    else if (zero_point != scale)
        question.fail("zero points of shape {} for scales of shape {}", to_string(zero_point),
                      to_string(scale));
}

} // namespace furiosa::operators
