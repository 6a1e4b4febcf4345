#pragma once

#include <furiosa/core/tensor.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace furiosa::session {

/// Tensors with their names, in the order in which they were added.
///
///     NamedTensors inputs;
///     inputs.add("image", std::move(image));
///     auto outputs = co_await session.run(std::move(inputs));
///     auto scores = outputs.at("probabilities").as<float>();
///
/// A value like std::vector, with the same rules for threads.
class NamedTensors
{
public:
    using value_type = std::pair<std::string, Tensor>;

    NamedTensors() = default;
    /// Copies the tensors, as initializer lists do; `add` moves.
    NamedTensors(std::initializer_list<value_type> tensors);

    /// Throws errc::wrong_tensor_name if there is one of that name.
    NamedTensors& add(std::string name, Tensor tensor);

    /// Throws errc::wrong_tensor_name, listing the names there are.
    Tensor& at(std::string_view name);
    const Tensor& at(std::string_view name) const;
    /// Null if there is none of that name.
    Tensor* find(std::string_view name) noexcept;
    const Tensor* find(std::string_view name) const noexcept;

    std::size_t size() const noexcept { return tensors_.size(); }
    bool empty() const noexcept { return tensors_.empty(); }
    auto begin() noexcept { return tensors_.begin(); }
    auto end() noexcept { return tensors_.end(); }
    auto begin() const noexcept { return tensors_.begin(); }
    auto end() const noexcept { return tensors_.end(); }

private:
    std::vector<value_type> tensors_;
};

} // namespace furiosa::session
