#include "http/header_values.hpp"

#include <charconv>
#include <ctime>
#include <openssl/evp.h>

namespace furiosa::http {

std::string basic_authorization(std::string_view plain)
{
    std::string encoded(4 * (plain.size() / 3 + 1) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return "Basic " + encoded;
}

std::string validator_of(const ResponseHead& head)
{
    if (!head.etag.empty())
        return head.etag.starts_with('"') ? head.etag : std::string();
    const auto modified = parse_http_date(head.last_modified);
    const auto sent = parse_http_date(head.date);
    return modified && sent && *modified < *sent ? head.last_modified : std::string();
}

std::optional<ContentRange> parse_content_range(std::string_view text)
{
    constexpr std::string_view unit = "bytes ";
    if (!text.starts_with(unit))
        return std::nullopt;
    const char* at = text.data() + unit.size();
    const char* const end = text.data() + text.size();
    const auto number = [&](std::uint64_t& value) {
        const auto [next, error] = std::from_chars(at, end, value);
        at = next;
        return error == std::errc();
    };
    const auto skip = [&](char c) { return at != end && *at++ == c; };
    ContentRange range;
    if (!number(range.first) || !skip('-') || !number(range.last) || !skip('/') || range.last < range.first)
        return std::nullopt;
    if (range.last == UINT64_MAX)
        return std::nullopt;
    if (std::string_view(at, end) == "*")
        return range;
    std::uint64_t total = 0;
    if (!number(total) || at != end || total <= range.last)
        return std::nullopt;
    range.total = total;
    return range;
}

std::optional<std::chrono::sys_seconds> parse_http_date(const std::string& text)
{
    std::tm date{};
    const char* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (!end || *end != '\0')
        return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&date)));
}

} // namespace furiosa::http
