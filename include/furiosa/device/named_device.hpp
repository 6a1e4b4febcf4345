#pragma once

#include <furiosa/device/device_family.hpp>

#include <optional>
#include <string>

namespace furiosa::device {

/// Neighbouring processing elements of one card, the last of them among them.
struct ElementRange
{
    unsigned first = 0;
    unsigned last = 0;

    unsigned size() const noexcept { return last - first + 1; }
    friend bool operator==(const ElementRange&, const ElementRange&) = default;
};

/// A device that goes by its name:
///
///     npu:0        a card, all of it
///     npu:0:1      one of its processing elements
///     npu:0:0-1    some of them, fused
///     cpu:0:0-1    processors 0 and 1, as one element of two threads
struct NamedDevice
{
    /// Either cpu or npu.
    DeviceFamily family = DeviceFamily::npu;
    /// There is one CPU, number 0.
    unsigned card = 0;
    /// Nothing: all of the card.
    std::optional<ElementRange> elements;

    friend bool operator==(const NamedDevice&, const NamedDevice&) = default;
};

/// "npu:0:0-1"
std::string to_string(const NamedDevice& device);

/// Whether both have an element that is the same.
bool overlap(const NamedDevice& one, const NamedDevice& other) noexcept;

} // namespace furiosa::device
