#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace furiosa::test::nux {

/// A processing element: its card and its number there.
using Element = std::pair<unsigned, unsigned>;
using Elements = std::set<Element>;

/// "npu:0" or "npu0", "npu:0:1" or "npu0pe1", "npu:0:0-1" or "npu0pe0-1".
struct DeviceName
{
    unsigned card = 0;
    /// The first and the last element; nothing: the whole card.
    std::optional<std::pair<unsigned, unsigned>> range;

    Elements elements() const;

    friend bool operator==(const DeviceName&, const DeviceName&) = default;
};

/// Names with commas between them. Throws creation_failed.
std::vector<DeviceName> parse_device_names(std::string_view text);

} // namespace furiosa::test::nux
