#include "operators/index_maps.hpp"

#include "operators/element_types.hpp"
#include "operators/strided_copy.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace furiosa::operators {

namespace {

bool is_identity(const IndexMap& map, std::int64_t extent)
{
    for (std::size_t i = 0; i != map.size(); ++i)
        if (map[i] != static_cast<std::int64_t>(i))
            return false;
    return static_cast<std::int64_t>(map.size()) == extent;
}

/// `inner` elements for every index of the last map.
template <class T>
void copy_row(const T* from, T* to, const IndexMap& map, std::size_t inner, T filler)
{
    for (const auto index : map) {
        if (index == outside)
            std::fill_n(to, inner, filler);
        else if (inner == 1)
            *to = from[index];
        else
            std::memcpy(to, from + static_cast<std::size_t>(index) * inner, inner * sizeof(T));
        to += inner;
    }
}

template <class T>
void copy(const T* from, T* to, const Shape& shape, std::span<const IndexMap> maps, T filler)
{
    const auto strides = row_major_strides(shape);
    std::size_t inner = 1;
    while (!maps.empty() && is_identity(maps.back(), shape[maps.size() - 1])) {
        inner *= maps.back().size();
        maps = maps.first(maps.size() - 1);
    }
    if (maps.empty()) {
        std::memcpy(to, from, inner * sizeof(T));
        return;
    }
    const auto& last = maps.back();
    const auto outer = maps.first(maps.size() - 1);
    const auto row = last.size() * inner;
    std::array<std::size_t, Shape::max_rank> index{};
    for (;;) {
        std::int64_t begin = 0;
        bool inside = true;
        for (std::size_t i = 0; i != outer.size(); ++i) {
            const auto at = outer[i][index[i]];
            inside = inside && at != outside;
            begin += at * strides[i];
        }
        if (inside)
            copy_row(from + begin, to, last, inner, filler);
        else
            std::fill_n(to, row, filler);
        to += row;
        std::size_t axis = outer.size();
        while (axis != 0 && ++index[axis - 1] == outer[axis - 1].size())
            index[--axis] = 0;
        if (axis == 0)
            return;
    }
}

} // namespace

void copy_mapped(const ConstTensorView& x, const TensorView& y, std::span<const IndexMap> maps,
                 const std::byte* filler)
{
    if (y.size_in_bytes() == 0)
        return;
    visit_size(y.data_type(), [&]<class T>(std::type_identity<T>) {
        T value{};
        if (filler)
            std::memcpy(&value, filler, sizeof(T));
        copy(reinterpret_cast<const T*>(x.data()), reinterpret_cast<T*>(y.data()), x.shape(), maps, value);
    });
}

} // namespace furiosa::operators
