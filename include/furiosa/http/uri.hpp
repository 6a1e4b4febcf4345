#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace furiosa::http {

/// A URI with an authority, taken apart: RFC 3986. Escapes stay as they were written.
struct Uri
{
    std::string scheme; ///< lower case
    std::string userinfo;
    std::string host; ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 0; ///< 0: the default of the scheme
    std::string path;
    std::string query;
    std::string fragment;

    /// An absolute URI. Throws errc::invalid_uri, which quotes it, also for spaces and control characters.
    static Uri parse(std::string_view text);

    /// The target of a reference that stands in the resource at this URI: RFC 3986, section 5.2.
    Uri resolve(std::string_view reference) const;

    /// The port to connect to: that which is written, else 80 for http and 443 for https.
    std::uint16_t effective_port() const noexcept;

    /// Scheme, host and port: what credentials and connections belong to. "https://host:443"
    std::string origin() const;

    /// Path and query as they stand in a request line; never empty.
    std::string target() const;

    std::string to_string() const;

    /// For errors and logs: without user info, and "?…" for a query, which may carry a signature.
    std::string redacted() const;

    friend bool operator==(const Uri&, const Uri&) = default;
};

/// Undoes %XX escapes. Throws errc::invalid_uri on a broken one.
std::string percent_decode(std::string_view text);

/// A file system path as the path of a URI.
std::string percent_encode_path(std::string_view path);

} // namespace furiosa::http
