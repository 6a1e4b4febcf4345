#include <furiosa/http/proxy_settings.hpp>

#include <furiosa/core/error.hpp>

#include <boost/algorithm/string.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>
#include <cstdlib>
#include <vector>

namespace furiosa::http {

namespace ip = boost::asio::ip;

namespace {

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string first_set(std::initializer_list<const char*> names)
{
    for (const char* name : names)
        if (auto value = variable(name); !value.empty())
            return value;
    return {};
}

/// Does a network such as "10.0.0.0/8", or an address alone, hold this address?
bool holds(const std::string& network, const ip::address& address)
{
    boost::system::error_code error;
    if (network.find('/') == std::string::npos) {
        const auto one = ip::make_address(network, error);
        return !error && one == address;
    }
    if (address.is_v4()) {
        const auto v4 = ip::make_network_v4(network, error);
        return !error && (v4.canonical() == ip::network_v4(address.to_v4(), v4.prefix_length()).canonical());
    }
    const auto v6 = ip::make_network_v6(network, error);
    return !error && (v6.canonical() == ip::network_v6(address.to_v6(), v6.prefix_length()).canonical());
}

/// Cuts ":port" off an entry, but leaves a bare IPv6 address whole.
std::optional<unsigned> take_port(std::string& entry)
{
    const auto colon = entry.rfind(':');
    if (colon == std::string::npos || (entry.find(':') != colon && !entry.starts_with('[')))
        return std::nullopt;
    unsigned port = 0;
    const char* const end = entry.data() + entry.size();
    if (const auto [at, error] = std::from_chars(entry.data() + colon + 1, end, port);
        error != std::errc() || at != end)
        return std::nullopt;
    entry.resize(colon);
    return port;
}

bool matches(std::string entry, const Uri& uri)
{
    boost::algorithm::trim(entry);
    boost::algorithm::to_lower(entry);
    if (entry == "*")
        return true;
    if (const auto port = take_port(entry); port && *port != uri.effective_port())
        return false;
    if (entry.starts_with('[') && entry.ends_with(']'))
        entry = entry.substr(1, entry.size() - 2);
    if (entry.empty())
        return false;
    boost::system::error_code not_an_address;
    const auto address = ip::make_address(uri.host, not_an_address);
    if (!not_an_address)
        return holds(entry, address);
    if (entry.starts_with('.'))
        entry.erase(0, 1);
    return uri.host == entry || uri.host.ends_with("." + entry);
}

} // namespace

ProxySettings ProxySettings::from_environment()
{
    const bool is_cgi = !variable("REQUEST_METHOD").empty();
    ProxySettings settings;
    settings.http = is_cgi ? first_set({"http_proxy", "all_proxy", "ALL_PROXY"})
                           : first_set({"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
    settings.https = first_set({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
    settings.no_proxy = first_set({"no_proxy", "NO_PROXY"});
    return settings;
}

std::optional<Uri> ProxySettings::proxy_for(const Uri& uri) const
{
    const auto& address = uri.scheme == "https" ? https : http;
    if (address.empty())
        return std::nullopt;
    std::vector<std::string> direct;
    boost::algorithm::split(direct, no_proxy, boost::algorithm::is_any_of(", "));
    for (const auto& entry : direct)
        if (matches(entry, uri))
            return std::nullopt;
    try {
        auto proxy = Uri::parse(address.find("://") == std::string::npos ? "http://" + address : address);
        if (proxy.scheme != "http")
            throw_error(errc::proxy_failed,
                        "proxy {}: only http proxies are known; https goes through them as a tunnel",
                        proxy.redacted());
        if (proxy.port == 0 && address.find("://") == std::string::npos)
            proxy.port = 1080; // as curl does
        return proxy;
    } catch (const Error& error) {
        if (error.code() == errc::proxy_failed)
            throw;
        // The address is not quoted: it may hold a password.
        throw_error(errc::proxy_failed, "the {} proxy's address is no URI: write http://host:port",
                    uri.scheme);
    }
}

} // namespace furiosa::http
