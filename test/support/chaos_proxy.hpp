#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace furiosa::test {

/// What goes wrong with the answer to one request.
enum class Fault {
    none,
    cut,               ///< the connection ends in the body
    reset,             ///< the same, with a TCP reset
    cut_head,          ///< the connection ends in the head
    stall,             ///< nothing more comes, and the connection stays
    other_version,     ///< bytes and entity tag are those of another version of the file
    mixed_versions,    ///< bytes of the other version come under the entity tag of this one
    changed_validator, ///< the right bytes, under an entity tag that nobody has seen
    claims_more,       ///< Content-Length promises bytes that do not come
    claims_less,       ///< Content-Length is too small, and the body as short
    flipped_bit,       ///< one bit of the body is another
    wrong_range,       ///< Content-Range says another place than the bytes are of
    ignored_range,     ///< the whole comes where a part was asked for
    too_many_requests, ///< 429 with Retry-After: 0
    unavailable,       ///< 503
};

inline constexpr Fault all_faults[] = {
    Fault::cut,           Fault::reset,          Fault::cut_head,          Fault::stall,
    Fault::other_version, Fault::mixed_versions, Fault::changed_validator, Fault::claims_more,
    Fault::claims_less,   Fault::flipped_bit,    Fault::wrong_range,       Fault::ignored_range,
    Fault::too_many_requests, Fault::unavailable};

std::string_view to_string(Fault fault) noexcept;

/// A fault, and where in the body it happens: 0 is the first byte, 1 behind the last one.
struct FaultOrder
{
    Fault fault = Fault::none;
    double place = 0;
};

/// A reverse proxy on a free loopback port and a thread of its own, that does wrong what it is told to.
///
/// The other version of "/file" is what the server has as "/file.other".
class ChaosProxy
{
public:
    /// `choose(target)` is called on the proxy's thread, once for each request.
    using Choose = std::function<FaultOrder(const std::string& target)>;

    ChaosProxy(std::uint16_t server, Choose choose);
    ~ChaosProxy();

    std::string uri(std::string_view target) const;

    /// How often each fault has really been done to a client.
    std::map<Fault, std::size_t> done() const;

    /// Blocks until so many bytes of bodies have been handed to clients, or that time has passed; says which.
    bool wait_for_bytes(std::uint64_t count, std::chrono::milliseconds time) const;

private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

} // namespace furiosa::test
