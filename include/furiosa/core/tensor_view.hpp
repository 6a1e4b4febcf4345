#pragma once

#include <furiosa/core/data_type.hpp>
#include <furiosa/core/shape.hpp>

#include <cstddef>
#include <span>
#include <type_traits>

namespace furiosa {

namespace detail {

[[noreturn]] void throw_wrong_element_type(DataType expected, DataType got);
[[noreturn]] void throw_wrong_element_count(const Shape& shape, std::size_t got);

} // namespace detail

/// Somebody else's elements, row-major and dense: a pointer, a type and a shape.
///
/// `Byte` is std::byte for elements that may be written, const std::byte for others. The elements must
/// outlive the view; a view that is handed to an operation must stay valid until the operation completes.
template <class Byte>
class BasicTensorView
{
    template <class T>
    using Element = std::conditional_t<std::is_const_v<Byte>, const T, T>;

public:
    BasicTensorView() = default;
    BasicTensorView(Byte* data, DataType data_type, const Shape& shape) noexcept
        : data_(data), data_type_(data_type), shape_(shape)
    {
    }

    /// A view of `elements`. Throws errc::wrong_shape if their number does not match.
    template <class T>
    BasicTensorView(std::span<T> elements, const Shape& shape)
        : data_(reinterpret_cast<Byte*>(elements.data())), data_type_(data_type_of<std::remove_const_t<T>>),
          shape_(shape)
    {
        if (static_cast<std::size_t>(shape.element_count()) != elements.size())
            detail::throw_wrong_element_count(shape, elements.size());
    }

    /// A view that may be written shows its elements to readers too.
    operator BasicTensorView<const std::byte>() const noexcept
        requires(!std::is_const_v<Byte>)
    {
        return {data_, data_type_, shape_};
    }

    Byte* data() const noexcept { return data_; }
    DataType data_type() const noexcept { return data_type_; }
    const Shape& shape() const noexcept { return shape_; }
    std::size_t size_in_bytes() const noexcept
    {
        return static_cast<std::size_t>(shape_.element_count()) * size_of(data_type_);
    }
    std::span<Byte> bytes() const noexcept { return {data_, size_in_bytes()}; }

    /// The elements as `T`. Throws errc::wrong_data_type if they are of another type.
    template <class T>
    std::span<Element<T>> as() const
    {
        if (data_type_ != data_type_of<T>)
            detail::throw_wrong_element_type(data_type_of<T>, data_type_);
        return {reinterpret_cast<Element<T>*>(data_), static_cast<std::size_t>(shape_.element_count())};
    }

private:
    Byte* data_ = nullptr;
    DataType data_type_ = DataType::float32;
    Shape shape_{0};
};

using TensorView = BasicTensorView<std::byte>;
using ConstTensorView = BasicTensorView<const std::byte>;

} // namespace furiosa
