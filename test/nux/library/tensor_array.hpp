#pragma once

#include "nux/library/counted.hpp"

#include <furiosa/core/tensor.hpp>
#include <furiosa/core/tensor_desc.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace furiosa::test::nux {

class Model;

/// Memory of a tensor: the stand-in's own, or somebody's, who is told when it is no longer used.
class Buffer : Counted<Buffer>
{
public:
    using Free = void (*)(std::uint8_t*, std::uintptr_t);

    explicit Buffer(const TensorDesc& desc);
    Buffer(std::uint8_t* bytes, std::uintptr_t size, Free free) noexcept : bytes_(bytes), size_(size), free_(free) {}
    ~Buffer();

    using Counted<Buffer>::alive;
    std::uint8_t* bytes() const noexcept { return bytes_; }

private:
    Tensor own_;
    std::uint8_t* bytes_;
    std::uintptr_t size_;
    Free free_ = nullptr;
};

/// One tensor of an array. Throws invalid_buffer for one of a wrong size, or badly aligned.
class ArrayTensor
{
public:
    explicit ArrayTensor(const TensorDesc& desc) noexcept : desc_(desc) {}

    void allocate();
    void fill(std::span<const std::uint8_t> bytes);
    void set(std::span<std::uint8_t> bytes, Buffer::Free free);
    /// Throws invalid_buffer if it has none.
    std::span<std::uint8_t> bytes() const;
    bool has_buffer() const noexcept { return buffer_ != nullptr; }
    TensorView view() const;

private:
    const TensorDesc& desc_;
    std::unique_ptr<Buffer> buffer_;
};

enum class Direction { inputs, outputs };

class TensorArray : public std::enable_shared_from_this<TensorArray>, Counted<TensorArray>
{
public:
    TensorArray(std::shared_ptr<const Model> model, Direction direction);

    using Counted<TensorArray>::alive;
    std::span<ArrayTensor> tensors() noexcept { return tensors_; }
    /// Gives memory to those that have none.
    void allocate();
    bool is_of(const Model& model, Direction direction) const noexcept;
    /// Whether all tensors have memory.
    bool is_complete() const noexcept;
    template <class View>
    std::vector<View> views() const
    {
        std::vector<View> views;
        for (const auto& tensor : tensors_)
            views.push_back(tensor.view());
        return views;
    }

    /// It and its tensors are handles from now on, until somebody takes the array.
    void* publish();
    /// Null if there is no such array.
    static std::shared_ptr<TensorArray> take(void* handle);

private:
    const std::shared_ptr<const Model> model_; // has the descriptions of the tensors
    const Direction direction_;
    std::vector<ArrayTensor> tensors_;
};

} // namespace furiosa::test::nux
