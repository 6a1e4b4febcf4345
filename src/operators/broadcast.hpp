#pragma once

#include <furiosa/core/shape.hpp>

#include <optional>

namespace furiosa::operators {

/// The shape that two shapes broadcast to, as NumPy does it; nothing if they do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

} // namespace furiosa::operators
