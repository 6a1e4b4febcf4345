#include "nux/nux.hpp"

#include "nux/library/handles.hpp"
#include "nux/library/model.hpp"
#include "nux/library/tensor_array.hpp"

using namespace furiosa::test::nux;

namespace {

void* make_array(void* model, Direction direction, bool with_memory)
{
    return value_or<void*>(nullptr, [&] {
        const auto array = std::make_shared<TensorArray>(Handles<Model>::require(model), direction);
        if (with_memory)
            array->allocate();
        return array->publish();
    });
}

} // namespace

void* nux_tensor_array_allocate_inputs(void* model)
{
    return make_array(model, Direction::inputs, true);
}

void* nux_tensor_array_allocate_outputs(void* model)
{
    return make_array(model, Direction::outputs, true);
}

void* nux_tensor_array_create_inputs(void* model)
{
    return make_array(model, Direction::inputs, false);
}

void* nux_tensor_array_create_outputs(void* model)
{
    return make_array(model, Direction::outputs, false);
}

void* nux_tensor_array_get(void* handle, std::uintptr_t index)
{
    const auto array = Handles<TensorArray>::find(handle);
    return array && index < array->tensors().size() ? &array->tensors()[index] : nullptr;
}

std::uintptr_t nux_tensor_array_len(void* handle)
{
    const auto array = Handles<TensorArray>::find(handle);
    return array ? array->tensors().size() : 0;
}

void nux_tensor_array_destroy(void* handle)
{
    TensorArray::take(handle);
}

int tensor_fill_buffer(void* handle, std::uint8_t* bytes, std::uintptr_t size)
{
    return guarded([&] {
        require_pointers(bytes);
        Handles<ArrayTensor>::require(handle, invalid_buffer)->fill({bytes, size});
    });
}

int tensor_set_buffer(void* handle, std::uint8_t* bytes, std::uintptr_t size,
                      void (*free)(std::uint8_t*, std::uintptr_t))
{
    return guarded([&] {
        require_pointers(bytes);
        Handles<ArrayTensor>::require(handle, invalid_buffer)->set({bytes, size}, free);
    });
}

int tensor_get_buffer(void* handle, std::uint8_t** bytes, std::uintptr_t* size)
{
    return guarded([&] {
        require_pointers(bytes, size);
        const auto buffer = Handles<ArrayTensor>::require(handle, invalid_buffer)->bytes();
        *bytes = buffer.data();
        *size = buffer.size();
    });
}
