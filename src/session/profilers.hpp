#pragma once

#include "session/profiler.hpp"

#include <furiosa/core/context.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

namespace furiosa::session {

/// The profilers of a Context, by their files: sessions that name one file are traced together, also one after the
/// other. Thread-safe.
class Profilers : public Context::Service
{
public:
    explicit Profilers(Context& context) : context_(context) {}

    /// Throws errc::io_error.
    std::shared_ptr<Profiler> open(const std::filesystem::path& file);

private:
    Context& context_;
    std::mutex mutex_;
    std::map<std::filesystem::path, std::shared_ptr<Profiler>> open_;
};

} // namespace furiosa::session
