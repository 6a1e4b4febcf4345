#pragma once

#include <furiosa/device/device_config.hpp>

#include <pthread.h>
#include <sched.h>
#include <vector>

namespace furiosa::device::cpu {

/// A processing element of the CPU: threads that work on one inference together.
struct Element
{
    unsigned threads = 1;
    /// The processors that its threads stay on; empty: wherever the system puts them.
    std::vector<unsigned> processors;
};

/// The processors that this thread may run on, by their numbers.
std::vector<unsigned> usable_processors();

/// What a configuration of the CPU comes to where one may use these processors.
/// Throws errc::device_not_found when it names others, errc::invalid_device_config when it asks for too many threads.
std::vector<Element> elements_of(const DeviceConfig& config, const std::vector<unsigned>& processors);

/// Keeps the calling thread on processors, and with it those that it starts, as long as this lives. With none: nothing.
class StayOn
{
public:
    explicit StayOn(const std::vector<unsigned>& processors);
    StayOn(const StayOn&) = delete;
    StayOn& operator=(const StayOn&) = delete;
    ~StayOn();

private:
    bool moved_ = false;
    cpu_set_t before_;
};

} // namespace furiosa::device::cpu
