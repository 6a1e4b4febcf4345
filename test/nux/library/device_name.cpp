#include "nux/library/device_name.hpp"

#include "nux/library/code.hpp"

#include <charconv>

namespace furiosa::test::nux {

namespace {

/// More than any machine has.
constexpr unsigned max_number = 63;

bool take(std::string_view& rest, std::string_view token)
{
    if (!rest.starts_with(token))
        return false;
    rest.remove_prefix(token.size());
    return true;
}

unsigned take_number(std::string_view& rest)
{
    unsigned number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || number > max_number)
        throw Failure{creation_failed};
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return number;
}

DeviceName take_name(std::string_view& rest)
{
    if (!take(rest, "npu"))
        throw Failure{creation_failed};
    const std::string_view separator = take(rest, ":") ? ":" : "pe";
    DeviceName name{take_number(rest), {}};
    if (take(rest, separator)) {
        const auto first = take_number(rest);
        const auto last = take(rest, "-") ? take_number(rest) : first;
        if (last < first)
            throw Failure{creation_failed};
        name.range.emplace(first, last);
    }
    return name;
}

} // namespace

Elements DeviceName::elements() const
{
    Elements elements;
    for (auto i = range->first; i <= range->second; ++i)
        elements.emplace(card, i);
    return elements;
}

std::vector<DeviceName> parse_device_names(std::string_view text)
{
    std::vector<DeviceName> names{take_name(text)};
    while (take(text, ","))
        names.push_back(take_name(text));
    if (!text.empty())
        throw Failure{creation_failed};
    return names;
}

} // namespace furiosa::test::nux
