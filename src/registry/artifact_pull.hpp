#pragma once

#include "registry/access_token.hpp"
#include "registry/place_memory.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/registry/model_info.hpp>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

namespace furiosa {
class RangedSink;
}

namespace furiosa::registry {

/// A place that fails is not tried for long while others wait to be asked.
inline constexpr unsigned attempts_where_there_are_others = 2;

/// Is it worth asking another place after this? It is not when we, the disk or the caller failed.
bool is_failure_of_place(const boost::system::error_code& code);
/// Is the place dead or lying, rather than without this one file?
bool is_to_be_avoided_after(const boost::system::error_code& code);

/// Brings one artifact from one of its places after the other, until the bytes are the right ones.
class ArtifactPull
{
public:
    ArtifactPull(Context& context, std::shared_ptr<PlaceMemory> memory, ArtifactInfo artifact, Registry registry);

    /// From the first place that is left and answers to its end.
    boost::asio::awaitable<void> run(RangedSink& sink);
    /// The bytes were wrong. Says whether there is a place left to ask.
    bool refuse(const Error& error);

private:
    void leave_first(const Error& error);

    Context& context_;
    std::shared_ptr<PlaceMemory> memory_;
    ArtifactInfo artifact_;
    Registry registry_;
    http::Uri manifest_;
    std::vector<Candidate> candidates_; // the first one is asked
    bool mixed_ = false;                // several places have brought some of the bytes
};

} // namespace furiosa::registry
