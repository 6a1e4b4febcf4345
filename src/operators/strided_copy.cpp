#include "operators/strided_copy.hpp"

#include "operators/element_types.hpp"

#include <algorithm>
#include <cstring>

namespace furiosa::operators {

namespace {

/// Loops from the outermost to the innermost; never none.
struct Loops
{
    std::array<CopyAxis, max_copy_axes> axes;
    std::size_t count = 0;

    CopyAxis& last() { return axes[count - 1]; }
};

/// Leaves out loops of one step and joins those that walk on where the next inner one ends.
Loops collapse(std::span<const CopyAxis> axes)
{
    Loops loops;
    for (const auto& axis : axes) {
        if (axis.extent == 1)
            continue;
        if (loops.count != 0 && loops.last().from == axis.from * axis.extent &&
            loops.last().to == axis.to * axis.extent)
            loops.last() = {loops.last().extent * axis.extent, axis.from, axis.to};
        else
            loops.axes[loops.count++] = axis;
    }
    if (loops.count == 0)
        loops.axes[loops.count++] = {1, 1, 1};
    return loops;
}

/// A matrix that is read along columns and written along rows: in blocks, so that the cache lines of both
/// stay.
template <class T>
void copy_crossed(const T* from, T* to, const CopyAxis& outer, const CopyAxis& inner)
{
    constexpr std::int64_t block = 16;
    for (std::int64_t i0 = 0; i0 < outer.extent; i0 += block)
        for (std::int64_t j0 = 0; j0 < inner.extent; j0 += block)
            for (auto i = i0; i != std::min(i0 + block, outer.extent); ++i)
                for (auto j = j0; j != std::min(j0 + block, inner.extent); ++j)
                    to[i * outer.to + j * inner.to] = from[i * outer.from + j * inner.from];
}

template <class T>
void copy_row(const T* from, T* to, const CopyAxis& axis)
{
    if (axis.from == 1 && axis.to == 1)
        std::memcpy(to, from, static_cast<std::size_t>(axis.extent) * sizeof(T));
    else if (axis.from == 0 && axis.to == 1)
        std::fill_n(to, axis.extent, *from);
    else
        for (std::int64_t i = 0; i != axis.extent; ++i)
            to[i * axis.to] = from[i * axis.from];
}

template <class T>
void copy(const T* from, T* to, Loops& loops)
{
    // The loop that reads neighbours goes next to the one that writes them.
    bool crossed = false;
    for (std::size_t i = 0; i + 1 < loops.count && loops.last().from != 1 && !crossed; ++i)
        if (loops.axes[i].from == 1) {
            std::rotate(loops.axes.begin() + static_cast<std::ptrdiff_t>(i),
                        loops.axes.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                        loops.axes.begin() + static_cast<std::ptrdiff_t>(loops.count) - 1);
            crossed = true;
        }
    const std::size_t outer = loops.count - (crossed ? 2 : 1);
    std::array<std::int64_t, max_copy_axes> index{};
    std::int64_t from_at = 0, to_at = 0;
    for (;;) {
        if (crossed)
            copy_crossed(from + from_at, to + to_at, loops.axes[outer], loops.axes[outer + 1]);
        else
            copy_row(from + from_at, to + to_at, loops.axes[outer]);
        std::size_t axis = outer;
        for (; axis != 0; --axis) {
            const auto& loop = loops.axes[axis - 1];
            from_at += loop.from;
            to_at += loop.to;
            if (++index[axis - 1] != loop.extent)
                break;
            from_at -= loop.from * loop.extent;
            to_at -= loop.to * loop.extent;
            index[axis - 1] = 0;
        }
        if (axis == 0)
            return;
    }
}

} // namespace

void copy_strided(DataType type, const std::byte* from, std::byte* to, std::span<const CopyAxis> axes)
{
    for (const auto& axis : axes)
        if (axis.extent == 0)
            return;
    auto loops = collapse(axes);
    visit_size(type, [&]<class T>(std::type_identity<T>) {
        copy(reinterpret_cast<const T*>(from), reinterpret_cast<T*>(to), loops);
    });
}

void copy_broadcast(const ConstTensorView& from, const TensorView& to)
{
    const auto rank = to.shape().rank();
    const auto new_axes = rank - from.shape().rank();
    const auto from_strides = row_major_strides(from.shape());
    const auto to_strides = row_major_strides(to.shape());
    std::array<CopyAxis, Shape::max_rank> axes;
    for (std::size_t i = 0; i != rank; ++i) {
        const bool repeated = i < new_axes || from.shape()[i - new_axes] == 1;
        axes[i] = {to.shape()[i], repeated ? 0 : from_strides[i - new_axes], to_strides[i]};
    }
    copy_strided(to.data_type(), from.data(), to.data(), std::span(axes).first(rank));
}

std::array<std::int64_t, Shape::max_rank> row_major_strides(const Shape& shape)
{
    std::array<std::int64_t, Shape::max_rank> strides{};
    std::int64_t stride = 1;
    for (std::size_t axis = shape.rank(); axis-- != 0;) {
        strides[axis] = stride;
        stride *= shape[axis];
    }
    return strides;
}

} // namespace furiosa::operators
