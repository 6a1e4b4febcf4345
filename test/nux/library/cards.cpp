#include "nux/library/cards.hpp"

#include "nux/library/code.hpp"

#include <algorithm>

namespace furiosa::test::nux {

Cards& Cards::instance()
{
    static Cards& cards = *new Cards; // sessions that somebody forgot still use it when the process ends
    return cards;
}

void Cards::set_devices(std::string_view names)
{
    auto devices = parse_device_names(names);
    if (!std::ranges::all_of(devices, [](const DeviceName& name) { return name.range.has_value(); }))
        throw Failure{creation_failed};
    std::lock_guard lock(mutex_);
    devices_ = std::move(devices);
}

Elements Cards::find(std::string_view names) const
{
    const auto parsed = parse_device_names(names);
    std::lock_guard lock(mutex_);
    return elements_of(parsed);
}

Elements Cards::claim(std::string_view names)
{
    const auto parsed = names.empty() ? std::vector<DeviceName>() : parse_device_names(names);
    std::lock_guard lock(mutex_);
    auto elements = parsed.empty() ? elements_of_free_card() : elements_of(parsed);
    if (!is_free(elements))
        throw Failure{device_busy};
    taken_.insert(elements.begin(), elements.end());
    return elements;
}

void Cards::give_back(const Elements& elements)
{
    std::lock_guard lock(mutex_);
    for (const auto& element : elements)
        taken_.erase(element);
}

bool Cards::is_taken(std::string_view names) const
{
    const auto elements = find(names);
    std::lock_guard lock(mutex_);
    return !is_free(elements);
}

/// Empty if there is no such device.
Elements Cards::elements_of(const DeviceName& name) const
{
    Elements elements;
    for (const auto& device : devices_)
        if (device == name || (!name.range && device.card == name.card))
            elements.merge(device.elements());
    return elements;
}

Elements Cards::elements_of(const std::vector<DeviceName>& names) const
{
    Elements all;
    for (const auto& name : names) {
        auto elements = elements_of(name);
        const bool known = !elements.empty();
        all.merge(elements); // leaves behind what is there already
        if (!known || !elements.empty())
            throw Failure{creation_failed};
    }
    return all;
}

Elements Cards::elements_of_free_card() const
{
    for (const auto& device : devices_)
        if (auto elements = elements_of(DeviceName{device.card, {}}); is_free(elements))
            return elements;
    throw Failure{device_busy};
}

bool Cards::is_free(const Elements& elements) const
{
    return std::ranges::none_of(elements, [&](const Element& element) { return taken_.contains(element); });
}

} // namespace furiosa::test::nux
