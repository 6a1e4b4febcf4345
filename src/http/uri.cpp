#include <furiosa/http/uri.hpp>

#include <furiosa/core/error.hpp>

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace furiosa::http {

namespace {

constexpr std::size_t longest_uri = 8192;

bool is_alpha(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

[[noreturn]] void fail(std::string_view text, std::string_view why)
{
    std::string shown;
    for (const char c : text.substr(0, 200))
        shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    throw_error(errc::invalid_uri, "'{}' is not a URI that can be fetched: {}", shown, why);
}

/// A URI reference cut at its delimiters: RFC 3986, appendix B.
struct Parts
{
    std::string_view scheme, authority, path, query, fragment;
    bool has_scheme = false, has_authority = false, has_query = false;
};

std::string_view cut(std::string_view& rest, char delimiter, bool& found)
{
    const auto at = rest.find(delimiter);
    found = at != std::string_view::npos;
    if (!found)
        return {};
    const auto tail = rest.substr(at + 1);
    rest = rest.substr(0, at);
    return tail;
}

Parts split(std::string_view text)
{
    if (text.size() > longest_uri)
        fail(text, "it is too long");
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
            fail(text, "it holds a space or a control character");
    Parts parts;
    bool has_fragment;
    parts.fragment = cut(text, '#', has_fragment);
    parts.query = cut(text, '?', parts.has_query);
    if (const auto colon = text.find(':'); colon != std::string_view::npos && colon < text.find('/') && colon != 0 &&
                                           is_alpha(text[0]) &&
                                           std::ranges::all_of(text.substr(0, colon), [](char c) {
                                               return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
                                           })) {
        parts.has_scheme = true;
        parts.scheme = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        parts.has_authority = true;
        const auto end = std::min(text.find('/'), text.size());
        parts.authority = text.substr(0, end);
        text.remove_prefix(end);
    }
    parts.path = text;
    return parts;
}

void read_port(std::string_view digits, Uri& uri, std::string_view whole)
{
    if (digits.empty())
        return;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), uri.port);
    if (error != std::errc() || end != digits.data() + digits.size() || uri.port == 0)
        fail(whole, "its port is not a number from 1 to 65535");
}

void read_authority(std::string_view authority, Uri& uri, std::string_view whole)
{
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        uri.userinfo = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos)
            fail(whole, "its IPv6 address has no ']'");
        uri.host = lower(authority.substr(1, end - 1));
        boost::system::error_code not_ipv6;
        boost::asio::ip::make_address_v6(uri.host, not_ipv6);
        if (not_ipv6 || uri.host.find('%') != std::string::npos)
            fail(whole, "what stands between '[' and ']' is not an IPv6 address without a zone");
        authority.remove_prefix(end + 1);
        if (!authority.empty() && !authority.starts_with(':'))
            fail(whole, "something stands between ']' and the port");
        read_port(authority.empty() ? authority : authority.substr(1), uri, whole);
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        uri.host = lower(authority.substr(0, colon));
        if (uri.host.find_first_of("\\\"<>^`{|}[]%") != std::string::npos)
            fail(whole, "its host name holds a character that host names cannot");
        read_port(colon == authority.size() ? std::string_view() : authority.substr(colon + 1), uri, whole);
    }
}

/// RFC 3986, section 5.2.4
std::string remove_dot_segments(std::string_view path)
{
    std::vector<std::string_view> kept;
    const bool absolute = path.starts_with('/');
    bool ends_open = false; // does the result end in a slash?
    while (!path.empty()) {
        if (path.starts_with('/'))
            path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        ends_open = segment == "." || segment == "..";
        if (segment == ".." && !kept.empty())
            kept.pop_back();
        else if (!ends_open)
            kept.push_back(segment);
    }
    std::string result;
    for (const auto segment : kept) {
        if (absolute || !result.empty())
            result += '/';
        result += segment;
    }
    if (ends_open || result.empty())
        result += '/';
    return result;
}

std::string merge(const Uri& base, std::string_view path)
{
    const auto folder = base.path.substr(0, base.path.rfind('/') + 1);
    return (folder.empty() ? "/" : folder) + std::string(path);
}

int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    const char small = static_cast<char>(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

} // namespace

Uri Uri::parse(std::string_view text)
{
    const auto parts = split(text);
    if (!parts.has_scheme)
        fail(text, "it has no scheme, such as https:");
    Uri uri;
    uri.scheme = lower(parts.scheme);
    if (parts.has_authority)
        read_authority(parts.authority, uri, text);
    uri.path = remove_dot_segments(parts.path);
    if (!uri.path.empty() && !uri.path.starts_with('/'))
        fail(text, "its path does not begin with '/'");
    uri.query = parts.query;
    uri.fragment = parts.fragment;
    if ((uri.scheme == "http" || uri.scheme == "https") && uri.host.empty())
        fail(text, "it names no host");
    if (uri.scheme == "file" && !(uri.host.empty() || uri.host == "localhost"))
        fail(text, "a file URI names no other host; write file:///path");
    return uri;
}

Uri Uri::resolve(std::string_view reference) const
{
    const auto parts = split(reference);
    if (parts.has_scheme)
        return parse(reference);
    Uri uri = *this;
    uri.fragment = parts.fragment;
    uri.query = parts.query;
    if (parts.has_authority) {
        uri.userinfo.clear();
        uri.port = 0;
        read_authority(parts.authority, uri, reference);
        if (uri.host.empty())
            fail(reference, "it names no host");
        uri.path = remove_dot_segments(parts.path);
    } else if (parts.path.empty()) {
        if (!parts.has_query)
            uri.query = query;
    } else {
        uri.path = remove_dot_segments(parts.path.starts_with('/') ? std::string(parts.path) : merge(*this, parts.path));
    }
    return uri;
}

std::uint16_t Uri::effective_port() const noexcept
{
    return port != 0 ? port : scheme == "https" ? 443 : scheme == "http" ? 80 : 0;
}

std::string Uri::origin() const
{
    const bool ipv6 = host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", scheme, ipv6 ? "[" : "", host, ipv6 ? "]" : "", effective_port());
}

std::string Uri::target() const
{
    return fmt::format("{}{}{}", path.empty() ? "/" : path, query.empty() ? "" : "?", query);
}

namespace {

std::string authority_of(const Uri& uri)
{
    const bool ipv6 = uri.host.find(':') != std::string::npos;
    auto text = fmt::format("{}{}{}", ipv6 ? "[" : "", uri.host, ipv6 ? "]" : "");
    if (uri.port != 0)
        text += fmt::format(":{}", uri.port);
    return text;
}

} // namespace

std::string Uri::to_string() const
{
    return fmt::format("{}://{}{}{}{}{}{}{}{}", scheme, userinfo, userinfo.empty() ? "" : "@", authority_of(*this), path,
                       query.empty() ? "" : "?", query, fragment.empty() ? "" : "#", fragment);
}

std::string Uri::redacted() const
{
    return fmt::format("{}://{}{}{}", scheme, authority_of(*this), path, query.empty() ? "" : "?…");
}

std::string percent_decode(std::string_view text)
{
    std::string plain;
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            fail(text, "'%' is not followed by two hexadecimal digits");
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

std::string percent_encode_path(std::string_view path)
{
    constexpr std::string_view plain = "-._~!$&'()*+,;=:@/";
    std::string text;
    for (const char c : path)
        if (is_alpha(c) || is_digit(c) || plain.find(c) != std::string_view::npos)
            text += c;
        else
            text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return text;
}

} // namespace furiosa::http
