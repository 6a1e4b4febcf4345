#pragma once

#include <furiosa/core.hpp>

#include <filesystem>
#include <span>

namespace examples {

/// What the digit classifier takes: float32[1, 1, 28, 28] in 0..1, from the bytes of an image file (PNG, JPEG, BMP) of
/// any size. Throws furiosa::Error with errc::invalid_argument when they are no image.
furiosa::Tensor digit_image(std::span<const std::byte> file);

furiosa::Tensor load_digit_image(const std::filesystem::path& path);

} // namespace examples
