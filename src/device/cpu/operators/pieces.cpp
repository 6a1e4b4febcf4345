#include "device/cpu/operators/pieces.hpp"

#include "device/cpu/memory_format.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

using dnnl::memory;

namespace {

constexpr std::int64_t fewest = 16 * 1024; // elements: what takes as long as to wake the others
constexpr std::int64_t unit = 64;          // whole cache lines

} // namespace

std::vector<Piece> pieces_of(StepBuilder& builder, std::initializer_list<program::TensorIndex> tensors)
{
    const auto desc = builder.desc(*tensors.begin());
    const auto& shape = builder.tensor(*tensors.begin()).desc.shape;
    const auto count = shape.element_count();
    const auto suits = [&](program::TensorIndex index) {
        const auto own = builder.desc(index);
        return builder.tensor(index).location == program::Location::arena && own == desc &&
               own.data_type() == memory::data_type::f32 &&
               size_in_memory(own) == static_cast<std::size_t>(count) * sizeof(float);
    };
    if (builder.team().size() == 1 || count < fewest || !std::ranges::all_of(tensors, suits))
        return {};
    std::vector<Piece> pieces;
    const std::int64_t parts = builder.team().size();
    const auto boundary = [&](std::int64_t part) {
        return part == parts ? count : count * part / parts / unit * unit;
    };
    for (std::int64_t part = 0; part != parts; ++part)
        pieces.push_back({boundary(part), boundary(part + 1) - boundary(part)});
    return pieces;
}

memory::desc piece_desc(const Piece& piece)
{
    return {{piece.count}, memory::data_type::f32, memory::format_tag::a};
}

memory piece_of(StepBuilder& builder, program::TensorIndex tensor, const Piece& piece)
{
    auto* const base = static_cast<float*>(builder.memory(tensor).get_data_handle());
    return {piece_desc(piece), builder.engine(), base + piece.first};
}

} // namespace furiosa::device::cpu
