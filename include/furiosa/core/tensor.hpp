#pragma once

#include <furiosa/core/tensor_view.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace furiosa {

/// Elements in memory of their own, row-major and dense, 64-byte aligned.
///
/// A value like std::vector: copying copies the elements, moving leaves the source empty. Distinct tensors may
/// be used from distinct threads; one tensor follows the rules of a standard container.
class Tensor
{
public:
    static constexpr std::size_t alignment = 64;

    Tensor() = default;
    /// Elements are left uninitialised. Throws errc::out_of_memory.
    Tensor(DataType data_type, const Shape& shape);
    Tensor(const Tensor& other);
    Tensor(Tensor&& other) noexcept;
    Tensor& operator=(Tensor other) noexcept;
    ~Tensor() = default;

    /// A tensor that holds a copy of `elements`. Throws errc::wrong_shape if their number does not match.
    template <class T>
    static Tensor of(const Shape& shape, std::span<const T> elements)
    {
        return copy_of(ConstTensorView(elements, shape));
    }
    /// A tensor with the elements that `view` shows.
    static Tensor copy_of(const ConstTensorView& view);

    DataType data_type() const noexcept { return data_type_; }
    const Shape& shape() const noexcept { return shape_; }
    std::size_t size_in_bytes() const noexcept { return size_in_bytes_; }
    bool empty() const noexcept { return size_in_bytes_ == 0; }

    std::byte* data() noexcept { return data_.get(); }
    const std::byte* data() const noexcept { return data_.get(); }

    /// The elements as `T`. Throws errc::wrong_data_type if they are of another type.
    template <class T>
    std::span<T> as()
    {
        return view().as<T>();
    }
    template <class T>
    std::span<const T> as() const
    {
        return view().as<T>();
    }

    TensorView view() noexcept { return {data(), data_type_, shape_}; }
    ConstTensorView view() const noexcept { return {data(), data_type_, shape_}; }
    operator TensorView() noexcept { return view(); }
    operator ConstTensorView() const noexcept { return view(); }

private:
    struct Free
    {
        void operator()(std::byte* bytes) const noexcept;
    };

    std::unique_ptr<std::byte[], Free> data_;
    std::size_t size_in_bytes_ = 0;
    DataType data_type_ = DataType::float32;
    Shape shape_{0};
};

} // namespace furiosa
