#pragma once

#include "device/warboy/nux.hpp"

#include <memory>
#include <string>

namespace furiosa::device::warboy {

/// The vendor's runtime, opened. It stays mapped to the end of the process.
class NuxLibrary
{
public:
    /// Opens the library of that name, as the system's loader looks for it, or of that path. Blocks: for a worker.
    /// Throws errc::not_supported, saying which package brings it, or which function it lacks.
    static std::shared_ptr<const NuxLibrary> open(const std::string& path);

    NuxLibrary(const NuxLibrary&) = delete;
    NuxLibrary& operator=(const NuxLibrary&) = delete;

    const Nux* operator->() const noexcept { return &functions_; }
    const Nux& functions() const noexcept { return functions_; }
    /// As the vendor names the programs that its compiler makes: "0.10.1_8b00177dc", of the version and the commit.
    const std::string& compiler_version() const noexcept { return compiler_version_; }

private:
    explicit NuxLibrary(const Nux& functions);

    const Nux functions_;
    const std::string compiler_version_;
};

} // namespace furiosa::device::warboy
