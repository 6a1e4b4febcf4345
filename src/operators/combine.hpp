#pragma once

#include "operators/strided.hpp"

namespace furiosa::operators {

/// out[i] = function(a[i], b[i]) for each i of `shape`, to which `a` and `b` broadcast. `out` may be `a`.
template <class A, class B, class R, class Function>
void combine(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, R* out, const Shape& shape,
             Function function)
{
    const StridedSpace<3> space(shape.extents(), {broadcast_strides(a_shape, shape),
                                                  broadcast_strides(b_shape, shape), dense_strides(shape)});
    const auto length = space.row_length();
    const bool a_repeats = space.step(0) == 0;
    const bool b_repeats = space.step(1) == 0;
    space.for_each_row([&](const auto& offsets) {
        const A* x = a + offsets[0];
        const B* y = b + offsets[1];
        R* z = out + offsets[2];
        if (a_repeats)
            for (std::int64_t i = 0; i != length; ++i)
                z[i] = function(*x, y[b_repeats ? 0 : i]);
        else if (b_repeats)
            for (std::int64_t i = 0; i != length; ++i)
                z[i] = function(x[i], *y);
        else
            for (std::int64_t i = 0; i != length; ++i)
                z[i] = function(x[i], y[i]);
    });
}

} // namespace furiosa::operators
