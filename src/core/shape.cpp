#include <furiosa/core/error.hpp>
#include <furiosa/core/shape.hpp>
#include <furiosa/core/tensor_desc.hpp>

#include <fmt/ranges.h>

namespace furiosa {

namespace {

/// Room for eight-byte elements, so that sizes in bytes cannot overflow either.
constexpr std::int64_t max_elements = std::int64_t{1} << 59;

} // namespace

Shape::Shape(std::span<const std::int64_t> extents)
{
    if (extents.size() > max_rank)
        throw_error(errc::invalid_shape, "a shape of {} dimensions: at most {} are supported", extents.size(), max_rank);
    std::int64_t count = 1;
    for (const auto extent : extents) {
        if (extent < 0)
            throw_error(errc::invalid_shape, "shape [{}] has a negative extent", fmt::join(extents, ", "));
        // An extent of zero makes the tensor empty, but the others must be sane all the same.
        if (extent != 0 && count > max_elements / extent)
            throw_error(errc::invalid_shape, "shape [{}] has too many elements", fmt::join(extents, ", "));
        count *= std::max<std::int64_t>(extent, 1);
        extents_[rank_++] = extent;
    }
}

std::int64_t Shape::element_count() const noexcept
{
    std::int64_t count = 1;
    for (const auto extent : *this)
        count *= extent;
    return count;
}

std::string to_string(const Shape& shape)
{
    return fmt::format("[{}]", fmt::join(shape.extents(), ", "));
}

std::string to_string(const TensorDesc& desc)
{
    return fmt::format("{}: {}{}{}{}", desc.name, to_string(desc.data_type), to_string(desc.shape),
                       desc.layout.empty() ? "" : " ", desc.layout);
}

} // namespace furiosa
