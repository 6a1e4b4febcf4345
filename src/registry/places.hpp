#pragma once

#include <furiosa/http/uri.hpp>
#include <furiosa/registry/registry.hpp>

#include <string>
#include <vector>

namespace furiosa::registry {

/// Where something can be had: the URI of it there, and what is dead or lying when it cannot be had.
struct Candidate
{
    http::Uri uri;
    std::string place;
};

/// A registry and its mirrors, as folders with the same files.
class Places
{
public:
    /// `manifest` is the URI of the registry's own manifest; for the zoo, of a file beside its artifacts.
    Places(const http::Uri& manifest, const Registry& registry);

    /// Where the manifest can be had, the registry's own place first.
    std::vector<Candidate> of_manifest() const;
    /// Where an artifact can be had. A URI that leads out of the registry has no mirrors.
    std::vector<Candidate> of_artifact(const std::vector<std::string>& uris) const;

private:
    http::Uri manifest_;
    std::vector<http::Uri> manifests_; // manifest_ and those of the mirrors
};

} // namespace furiosa::registry
