#pragma once

#include <furiosa/http/download_machine.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace furiosa::http {

/// "Basic dXNlcjpwYXNz" for "user:pass", which is not escaped: RFC 7617.
std::string basic_authorization(std::string_view user_and_password);

/// What may stand in If-Range for the bytes of this answer, or nothing. A weak tag may not, and a date only
/// if it is older than the answer: RFC 9110, sections 13.1.5 and 8.8.2.2.
std::string validator_of(const ResponseHead& head);

struct ContentRange
{
    std::uint64_t first = 0;
    std::uint64_t last = 0; ///< included
    std::optional<std::uint64_t> total;
};

/// "bytes 100-999/1000", or "*" for an unknown total: RFC 9110, section 14.4.
std::optional<ContentRange> parse_content_range(std::string_view text);

/// "Tue, 24 Nov 2026 10:00:00 GMT": RFC 9110, section 5.6.7; the obsolete forms are not read.
std::optional<std::chrono::sys_seconds> parse_http_date(const std::string& text);

} // namespace furiosa::http
