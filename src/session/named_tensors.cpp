#include <furiosa/session/named_tensors.hpp>

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <fmt/ranges.h>

namespace furiosa::session {

NamedTensors::NamedTensors(std::initializer_list<value_type> tensors)
{
    for (const auto& [name, tensor] : tensors)
        add(name, tensor);
}

NamedTensors& NamedTensors::add(std::string name, Tensor tensor)
{
    if (find(name))
        throw_error(errc::wrong_tensor_name, "the tensor '{}' was given twice", name);
    tensors_.emplace_back(std::move(name), std::move(tensor));
    return *this;
}

Tensor* NamedTensors::find(std::string_view name) noexcept
{
    const auto found = std::ranges::find(tensors_, name, &value_type::first);
    return found == tensors_.end() ? nullptr : &found->second;
}

const Tensor* NamedTensors::find(std::string_view name) const noexcept
{
    return const_cast<NamedTensors*>(this)->find(name);
}

Tensor& NamedTensors::at(std::string_view name)
{
    if (auto* tensor = find(name))
        return *tensor;
    std::vector<std::string_view> names;
    for (const auto& [known, tensor] : tensors_)
        names.push_back(known);
    throw_error(errc::wrong_tensor_name, "there is no tensor '{}'; there are: '{}'", name, fmt::join(names, "', '"));
}

const Tensor& NamedTensors::at(std::string_view name) const
{
    return const_cast<NamedTensors*>(this)->at(name);
}

} // namespace furiosa::session
