#include "operators/checked_shape.hpp"
#include "operators/element_types.hpp"
#include "operators/movement.hpp"

#include <cstring>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    question.require_type(1, {DataType::int32, DataType::int64});
    const auto& indices = question.shape(1);
    const auto axis = question.axis("axis", 0, x.shape.rank());
    std::vector<std::int64_t> extents(x.shape.begin(), x.shape.begin() + axis);
    extents.insert(extents.end(), indices.begin(), indices.end());
    extents.insert(extents.end(), x.shape.begin() + axis + 1, x.shape.end());
    return {{x.data_type, checked_shape(question, extents)}};
}

template <class Index>
void gather_with(const Work& work, std::span<const Index> indices)
{
    const auto& x = work.inputs[0];
    const auto axis = static_cast<std::size_t>(work.attributes().integer("axis"));
    const auto extent = x.shape()[axis];
    for (const auto index : indices)
        if (index < -extent || index >= extent)
            throw_error(errc::invalid_argument, "node '{}' (Gather): index {} is not in axis {} of {}",
                        work.operation.name, index, axis, to_string(x.shape()));
    auto* out = work.outputs[0].data();
    if (work.outputs[0].size_in_bytes() == 0)
        return;
    const auto outer = count_of(x.shape(), 0, axis);
    const auto size = x.size_in_bytes() / static_cast<std::size_t>(outer * extent);
    for (std::int64_t i = 0; i != outer; ++i)
        for (const auto index : indices) {
            const auto at = i * extent + (index < 0 ? index + extent : std::int64_t{index});
            std::memcpy(out, x.data() + static_cast<std::size_t>(at) * size, size);
            out += size;
        }
}

void compute(const Work& work)
{
    if (work.inputs[1].data_type() == DataType::int32)
        gather_with(work, work.inputs[1].as<std::int32_t>());
    else
        gather_with(work, work.inputs[1].as<std::int64_t>());
}

} // namespace

const Definition gather{2, 2, 1, output_types, compute};

} // namespace furiosa::operators
