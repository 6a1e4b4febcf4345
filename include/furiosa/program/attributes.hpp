#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace furiosa::program {

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>>;

/// The named parameters of an operator: strides, pads, axis, … by their ONNX names.
class Attributes
{
public:
    void set(std::string name, Attribute value) { values_[std::move(name)] = std::move(value); }
    bool has(std::string_view name) const { return values_.find(name) != values_.end(); }

    /// The value, or `otherwise` if there is none of that name and type.
    template <class T>
    T get(std::string_view name, T otherwise = {}) const
    {
        const auto found = values_.find(name);
        if (found == values_.end())
            return otherwise;
        const T* value = std::get_if<T>(&found->second);
        return value ? *value : otherwise;
    }
    std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const { return get(name, otherwise); }
    float real(std::string_view name, float otherwise = 0) const { return get(name, otherwise); }
    std::vector<std::int64_t> integers(std::string_view name, std::vector<std::int64_t> otherwise = {}) const
    {
        return get(name, std::move(otherwise));
    }

    const std::map<std::string, Attribute, std::less<>>& all() const noexcept { return values_; }

    friend bool operator==(const Attributes&, const Attributes&) = default;

private:
    std::map<std::string, Attribute, std::less<>> values_;
};

} // namespace furiosa::program
