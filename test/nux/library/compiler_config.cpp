#include "nux/library/compiler_config.hpp"

#include "nux/library/code.hpp"

namespace furiosa::test::nux {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text, std::string_view what = blanks)
{
    const auto first = text.find_first_not_of(what);
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(what) - first + 1);
}

/// The part before the first one of `separators`, which is taken off with it.
std::string_view take_piece(std::string_view& rest, std::string_view separators)
{
    const auto end = rest.find_first_of(separators);
    const auto piece = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    return trimmed(piece);
}

} // namespace

void check_compiler_config(std::string_view text)
{
    const bool json = trimmed(text).starts_with('{');
    if (json && !trimmed(text).ends_with('}'))
        throw Failure{invalid_yaml};
    while (!text.empty()) {
        const auto piece = take_piece(text, json ? "{},\n" : "\n");
        if (piece.empty() || piece.starts_with('#'))
            continue;
        const auto colon = piece.find(':');
        if (colon == piece.npos && !json)
            throw Failure{invalid_yaml};
        if (trimmed(piece.substr(0, colon), "\" \t") == "invalid" && trimmed(piece.substr(colon + 1)) == "true")
            throw Failure{invalid_compiler_config};
    }
}

} // namespace furiosa::test::nux
