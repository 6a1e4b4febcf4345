#pragma once

#include <furiosa/device/npu/card.hpp>

#include <algorithm>

namespace furiosa::test {

using device::DeviceFamily;
using device::ElementRange;
using device::npu::Card;
using device::npu::FileState;

constexpr auto is_free = FileState::free;
constexpr auto occupied = FileState::occupied;
constexpr auto inaccessible = FileState::inaccessible;

/// What is known of a fused file from what is known of its elements.
inline FileState fused(FileState first, FileState second)
{
    return std::max(first, second); // as they are declared: free, occupied, inaccessible
}

/// Two elements, the pair of them, and all of the card.
inline Card card(unsigned number, FileState first = is_free, FileState second = is_free, const char* type = "Warboy")
{
    Card card;
    card.device = {DeviceFamily::npu, number, std::nullopt};
    card.device_type = type;
    const auto add = [&](std::optional<ElementRange> elements, FileState state) {
        const device::NamedDevice device{DeviceFamily::npu, number, elements};
        const bool known = card.family() == DeviceFamily::warboy;
        card.files.push_back({device, {}, state, {}, known ? device::npu::warboy_target(device) : ""});
    };
    add(std::nullopt, fused(first, second));
    add(ElementRange{0, 0}, first);
    add(ElementRange{0, 1}, fused(first, second));
    add(ElementRange{1, 1}, second);
    return card;
}

} // namespace furiosa::test
