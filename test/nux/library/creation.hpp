#pragma once

#include "nux/library/handles.hpp"
#include "nux/library/options.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace furiosa::test::nux {

/// The next call of `creation_options` fails with this code; 0: none.
void fail_next_creation(int code);

/// What both kinds of sessions begin with. Takes the options over; throws Failure if there cannot be a session.
std::shared_ptr<Options> creation_options(void* options);

inline std::span<const std::byte> model_bytes(const std::uint8_t* model, std::uintptr_t length)
{
    return std::as_bytes(std::span(model, length));
}

} // namespace furiosa::test::nux
