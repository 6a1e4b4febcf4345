#pragma once

#include "nux/library/handles.hpp"
#include "nux/library/options.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace furiosa::test::nux {

/// The next call of `creation_options` fails with this code; 0: none.
void fail_next_creation(int code);

/// What both kinds of sessions begin with. Takes the options over; throws Failure if there cannot be a session.
std::shared_ptr<Options> creation_options(void* options);

/// What a session was to be made from.
struct Creation
{
    std::string options;
    std::string model;
};

/// Keeps both, and gives the model back.
std::span<const std::byte> note_creation(const Options& options, const std::uint8_t* model, std::uintptr_t length);
/// The last one that was noted, or an empty one. It lives until they are forgotten.
const Creation& last_creation();
void forget_creations();

} // namespace furiosa::test::nux
