#pragma once

#include <furiosa/core/errc.hpp>
#include <furiosa/core/error.hpp>

#include <string_view>

namespace furiosa::device::warboy {

/// Codes that are looked at by themselves.
inline constexpr int nux_success = 0;
inline constexpr int nux_session_terminated = 22;

/// What a code of the runtime means to users of this library.
errc errc_of(int code) noexcept;

/// `while_doing` says what was asked for: "creating a session on npu:0:0".
Error nux_error(int code, std::string_view while_doing);

} // namespace furiosa::device::warboy
