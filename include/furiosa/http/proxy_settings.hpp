#pragma once

#include <furiosa/http/uri.hpp>

#include <optional>
#include <string>

namespace furiosa::http {

/// Which proxy a request goes through, by the rules of curl.
struct ProxySettings
{
    /// "http://user:password@proxy:3128", or "proxy:3128". Empty: none.
    std::string http;
    /// For https, through a tunnel (CONNECT).
    std::string https;
    /// Host names, which stand for their subdomains too, addresses and networks ("10.0.0.0/8") that are
    /// reached without a proxy, by commas; a port may follow. "*" stands for all.
    std::string no_proxy;

    /// $http_proxy, $https_proxy, $all_proxy, $no_proxy, or the same in capitals. HTTP_PROXY in capitals is
    /// not looked at in a CGI program, where whoever sends a request chooses its value.
    static ProxySettings from_environment();

    /// The proxy for requests to that URI. Throws errc::proxy_failed when its address is not usable.
    std::optional<Uri> proxy_for(const Uri& uri) const;
};

} // namespace furiosa::http
