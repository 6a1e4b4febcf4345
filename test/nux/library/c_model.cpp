#include "nux/nux.hpp"

#include "nux/library/handles.hpp"
#include "nux/library/model.hpp"

using namespace furiosa::test::nux;

namespace {

using Descs = std::vector<furiosa::TensorDesc>;

std::uintptr_t count(void* handle, const Descs& (furiosa::program::Program::*descs)() const noexcept)
{
    const auto model = Handles<Model>::find(handle);
    return model ? (model->program().*descs)().size() : 0;
}

/// Descriptions are handles already, since the session was created.
void* desc(void* handle, std::uintptr_t index, const Descs& (furiosa::program::Program::*descs)() const noexcept)
{
    const auto model = Handles<Model>::find(handle);
    if (!model || index >= (model->program().*descs)().size())
        return nullptr;
    return const_cast<furiosa::TensorDesc*>(&(model->program().*descs)()[index]);
}

} // namespace

std::uintptr_t nux_input_num(void* model)
{
    return count(model, &furiosa::program::Program::inputs);
}

std::uintptr_t nux_output_num(void* model)
{
    return count(model, &furiosa::program::Program::outputs);
}

void* nux_input_desc(void* model, std::uintptr_t index)
{
    return desc(model, index, &furiosa::program::Program::inputs);
}

void* nux_output_desc(void* model, std::uintptr_t index)
{
    return desc(model, index, &furiosa::program::Program::outputs);
}
