#pragma once

#include "require.hpp"

#include <furiosa/core/error.hpp>

#include <optional>

namespace furiosa::fuzz {

/// Nothing, where it throws one of these: only that call may, not what is made of its result.
template <class Make, class... Code>
auto unless_refused(Make make, Code... expected) -> std::optional<decltype(make())>
{
    try {
        return make();
    } catch (const Error& error) {
        REQUIRE(((error.code() == expected) || ...));
        return std::nullopt;
    }
}

} // namespace furiosa::fuzz
