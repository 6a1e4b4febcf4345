#include "session/profilers.hpp"

namespace furiosa::session {

std::shared_ptr<Profiler> Profilers::open(const std::filesystem::path& file)
{
    const auto path = std::filesystem::absolute(file).lexically_normal();
    std::lock_guard lock(mutex_);
    auto& profiler = open_[path];
    if (!profiler)
        profiler = std::make_shared<Profiler>(context_, path);
    return profiler;
}

} // namespace furiosa::session
