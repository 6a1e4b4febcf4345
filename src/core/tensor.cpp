#include <furiosa/core/error.hpp>
#include <furiosa/core/tensor.hpp>

#include <cstring>
#include <new>
#include <utility>

namespace furiosa {

namespace detail {

void throw_wrong_element_type(DataType expected, DataType got)
{
    throw_error(errc::wrong_data_type, "the elements were asked for as {}, but the tensor is of {}",
                to_string(expected), to_string(got));
}

void throw_wrong_element_count(const Shape& shape, std::size_t got)
{
    throw_error(errc::wrong_shape, "shape {} has {} elements, but {} were given", to_string(shape),
                shape.element_count(), got);
}

} // namespace detail

void Tensor::Free::operator()(std::byte* bytes) const noexcept
{
    ::operator delete[](bytes, std::align_val_t{alignment});
}

Tensor::Tensor(DataType data_type, const Shape& shape)
    : size_in_bytes_(static_cast<std::size_t>(shape.element_count()) * size_of(data_type)), data_type_(data_type),
      shape_(shape)
{
    if (size_in_bytes_ == 0)
        return;
    // Whole cache lines, so that vector code may read past the last element.
    const std::size_t padded = (size_in_bytes_ + alignment - 1) / alignment * alignment;
    data_.reset(static_cast<std::byte*>(::operator new[](padded, std::align_val_t{alignment}, std::nothrow)));
    if (!data_)
        throw_error(errc::out_of_memory, "no memory for a tensor {}{} of {} bytes", to_string(data_type),
                    to_string(shape), size_in_bytes_);
}

Tensor::Tensor(const Tensor& other) : Tensor(copy_of(other.view())) {}

Tensor::Tensor(Tensor&& other) noexcept
    : data_(std::move(other.data_)), size_in_bytes_(std::exchange(other.size_in_bytes_, 0)),
      data_type_(other.data_type_), shape_(std::exchange(other.shape_, Shape{0}))
{
}

Tensor& Tensor::operator=(Tensor other) noexcept
{
    std::swap(data_, other.data_);
    std::swap(size_in_bytes_, other.size_in_bytes_);
    std::swap(data_type_, other.data_type_);
    std::swap(shape_, other.shape_);
    return *this;
}

Tensor Tensor::copy_of(const ConstTensorView& view)
{
    Tensor copy(view.data_type(), view.shape());
    if (!copy.empty())
        std::memcpy(copy.data(), view.data(), copy.size_in_bytes());
    return copy;
}

} // namespace furiosa
