#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace furiosa::http {

struct NetrcEntry
{
    std::string login;
    std::string password;
};

/// What a .netrc file says of a host: its entry, else the default one. What cannot be understood is skipped.
/// The format: "machine HOST login NAME password WORD", "default …", "macdef NAME" up to an empty line, "#"
/// comments, words in double quotes with \ escapes, as curl reads it.
std::optional<NetrcEntry> find_in_netrc(std::string_view text, std::string_view host);

} // namespace furiosa::http
