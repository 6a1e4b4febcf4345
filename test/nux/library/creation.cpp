#include "nux/library/creation.hpp"

#include <atomic>
#include <deque>
#include <mutex>

namespace furiosa::test::nux {

namespace {

std::atomic<int> next_failure = success;

struct Creations
{
    std::mutex mutex;
    std::deque<Creation> all;
};

Creations& creations()
{
    static Creations& creations = *new Creations;
    return creations;
}

} // namespace

void fail_next_creation(int code)
{
    next_failure = code;
}

std::shared_ptr<Options> creation_options(void* handle)
{
    auto options = Handles<Options>::require_to_take(handle, invalid_session_options);
    options->check();
    if (const int code = next_failure.exchange(success); code != success)
        throw Failure{static_cast<Code>(code)};
    return options;
}

std::span<const std::byte> note_creation(const Options& options, const std::uint8_t* model, std::uintptr_t length)
{
    const auto bytes = std::span(model, length);
    auto& noted = creations();
    std::lock_guard lock(noted.mutex);
    noted.all.push_back({options.text(), {bytes.begin(), bytes.end()}});
    return std::as_bytes(bytes);
}

const Creation& last_creation()
{
    static const Creation none;
    auto& noted = creations();
    std::lock_guard lock(noted.mutex);
    return noted.all.empty() ? none : noted.all.back();
}

void forget_creations()
{
    auto& noted = creations();
    std::lock_guard lock(noted.mutex);
    noted.all.clear();
}

} // namespace furiosa::test::nux
