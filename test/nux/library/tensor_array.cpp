#include "nux/library/tensor_array.hpp"

#include "nux/library/handles.hpp"
#include "nux/library/model.hpp"

#include <algorithm>

namespace furiosa::test::nux {

Buffer::Buffer(const TensorDesc& desc)
    : own_(desc.data_type, desc.shape), bytes_(reinterpret_cast<std::uint8_t*>(own_.data())), size_(own_.size_in_bytes())
{
    std::fill_n(bytes_, size_, std::uint8_t(0)); // nobody is shown what was there before
}

Buffer::~Buffer()
{
    if (free_)
        free_(bytes_, size_);
}

void ArrayTensor::allocate()
{
    buffer_ = std::make_unique<Buffer>(desc_);
}

void ArrayTensor::fill(std::span<const std::uint8_t> bytes)
{
    if (bytes.size() != desc_.size_in_bytes())
        throw Failure{invalid_buffer};
    if (!buffer_)
        allocate();
    std::ranges::copy(bytes, buffer_->bytes());
}

void ArrayTensor::set(std::span<std::uint8_t> bytes, Buffer::Free free)
{
    const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % size_of(desc_.data_type) == 0;
    if (bytes.size() != desc_.size_in_bytes() || !aligned)
        throw Failure{invalid_buffer};
    buffer_ = std::make_unique<Buffer>(bytes.data(), bytes.size(), free);
}

std::span<std::uint8_t> ArrayTensor::bytes() const
{
    if (!buffer_)
        throw Failure{invalid_buffer};
    return {buffer_->bytes(), desc_.size_in_bytes()};
}

TensorView ArrayTensor::view() const
{
    return {reinterpret_cast<std::byte*>(bytes().data()), desc_.data_type, desc_.shape};
}

TensorArray::TensorArray(std::shared_ptr<const Model> model, Direction direction)
    : model_(std::move(model)), direction_(direction)
{
    const auto& program = model_->program();
    for (const auto& desc : direction == Direction::inputs ? program.inputs() : program.outputs())
        tensors_.emplace_back(desc);
}

void TensorArray::allocate()
{
    for (auto& tensor : tensors_)
        if (!tensor.has_buffer())
            tensor.allocate();
}

bool TensorArray::is_of(const Model& model, Direction direction) const noexcept
{
    return model_.get() == &model && direction_ == direction;
}

bool TensorArray::is_complete() const noexcept
{
    return std::ranges::all_of(tensors_, &ArrayTensor::has_buffer);
}

void* TensorArray::publish()
{
    for (auto& tensor : tensors_)
        Handles<ArrayTensor>::add({shared_from_this(), &tensor});
    return Handles<TensorArray>::add(shared_from_this());
}

std::shared_ptr<TensorArray> TensorArray::take(void* handle)
{
    auto array = Handles<TensorArray>::take(handle);
    if (array)
        for (auto& tensor : array->tensors_)
            Handles<ArrayTensor>::take(&tensor);
    return array;
}

} // namespace furiosa::test::nux
