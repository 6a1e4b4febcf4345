#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace furiosa::registry {

/// When the network is asked. Artifacts are named by their digests, so of these only the manifest can be out of date.
enum class Policy : std::uint8_t {
    revalidate,   ///< the manifest is asked for each time; a server that knows entity tags sends only a new one
    prefer_cache, ///< the manifest that was read last, however old; asked for when there is none
    offline,      ///< nothing is asked over the network; what is not in the store is errc::not_in_store
};

/// A registry, and how it is to be reached. $FURIOSA_OFFLINE=1 makes every policy `offline`.
struct Registry
{
    // Not an aggregate: g++ 12 destroys one twice that is made with braces in the arguments of a co_await.
    Registry() = default;
    Registry(std::string place) : uri(std::move(place)) {}
    Registry(const char* place) : uri(place) {}

    /// Where its artifacts.json lies: "https://host/models", "file:///srv/models", "/srv/models", with or without the
    /// file name; or `public_zoo`, which is built in. Empty: $FURIOSA_REGISTRY, else `public_zoo`.
    std::string uri;
    /// Other places with the same files, asked in this order when one before is dead, or brings wrong bytes.
    std::vector<std::string> mirrors;
    /// A bearer token, sent to the origin of `uri` alone, and only over https or to this machine. Empty:
    /// $FURIOSA_TOKEN. The zoo gets none.
    std::string token;
    Policy policy = Policy::revalidate;
};

} // namespace furiosa::registry
