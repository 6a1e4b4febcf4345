#include "device/cpu/element.hpp"

#include "device/notation.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <numeric>
#include <thread>

namespace furiosa::device::cpu {

namespace {

/// More than any machine has processors, and few enough to be made.
constexpr std::uint64_t max_threads = 1024;

static_assert(max_elements <= CPU_SETSIZE);

Element named_element(const DeviceConfig& config, const NamedDevice& device, const std::vector<unsigned>& usable)
{
    if (device.card != 0)
        throw_error(errc::device_not_found, "device '{}': {} is not there: the one CPU of a machine is cpu:0",
                    to_string(config), to_string(device));
    if (!device.elements)
        return {static_cast<unsigned>(usable.size()), usable};
    Element element{device.elements->size(), {}};
    for (auto number = device.elements->first; number <= device.elements->last; ++number) {
        if (std::ranges::find(usable, number) == usable.end())
            throw_error(errc::device_not_found,
                        "device '{}': this process may not run on processor {}, or it is not there; it may run on {} "
                        "of them, from {} to {}",
                        to_string(config), number, usable.size(), usable.front(), usable.back());
        element.processors.push_back(number);
    }
    return element;
}

/// Requests whose number is open share what the others leave, and get one element at least.
std::uint64_t count_of(const DeviceRequest& request, std::uint64_t left)
{
    return request.count != 0 ? request.count : std::max<std::uint64_t>(1, left / request.fused);
}

} // namespace

std::vector<unsigned> usable_processors()
{
    std::vector<unsigned> processors;
    cpu_set_t set;
    if (pthread_getaffinity_np(pthread_self(), sizeof set, &set) == 0)
        for (unsigned number = 0; number != CPU_SETSIZE; ++number)
            if (CPU_ISSET(number, &set))
                processors.push_back(number);
    if (processors.empty()) { // more of them than a set has: there are all
        processors.resize(std::clamp(std::thread::hardware_concurrency(), 1u, max_elements));
        std::iota(processors.begin(), processors.end(), 0u);
    }
    return processors;
}

std::vector<Element> elements_of(const DeviceConfig& config, const std::vector<unsigned>& usable)
{
    std::vector<Element> elements;
    std::uint64_t threads = 0;
    const auto add = [&](Element element, std::uint64_t count) {
        threads += element.threads * count;
        if (threads > max_threads)
            throw_error(errc::invalid_device_config, "device '{}' would have more than {} threads: ask for fewer",
                        to_string(config), max_threads);
        elements.insert(elements.end(), count, element);
    };
    for (const auto& entry : config.entries())
        if (const auto* named = std::get_if<NamedDevice>(&entry))
            add(named_element(config, *named, usable), 1);
    for (const bool open : {false, true})
        for (const auto& entry : config.entries())
            if (const auto* request = std::get_if<DeviceRequest>(&entry); request && (request->count == 0) == open)
                add({request->fused, {}},
                    count_of(*request, usable.size() - std::min<std::uint64_t>(threads, usable.size())));
    return elements;
}

StayOn::StayOn(const std::vector<unsigned>& processors)
{
    if (processors.empty() || pthread_getaffinity_np(pthread_self(), sizeof before_, &before_) != 0)
        return;
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const auto number : processors)
        CPU_SET(number, &set);
    moved_ = pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

StayOn::~StayOn()
{
    if (moved_)
        pthread_setaffinity_np(pthread_self(), sizeof before_, &before_);
}

} // namespace furiosa::device::cpu
