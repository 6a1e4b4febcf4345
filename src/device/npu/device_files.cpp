#include "device/npu/device_files.hpp"

#include "device/notation.hpp"
#include "device/npu/hostile_files.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace furiosa::device::npu {

namespace {

constexpr std::size_t max_files = 32; // of one card

bool contains(const NamedDevice& whole, const NamedDevice& part)
{
    if (whole.elements && part.elements)
        return whole.elements->first <= part.elements->first && part.elements->last <= whole.elements->last;
    return !whole.elements;
}

/// All of the card as if it had more elements than any other.
unsigned width_of(const DeviceFile& file)
{
    return file.device.elements ? file.device.elements->size() : max_elements + 1;
}

/// Narrow files come first: a wider one is occupied when a part of it is, whatever opening it says.
void find_states(const Roots& roots, std::vector<DeviceFile>& files)
{
    std::ranges::sort(files, {}, width_of);
    for (auto file = files.begin(); file != files.end(); ++file) {
        const bool part_is_occupied = std::any_of(files.begin(), file, [&](const DeviceFile& part) {
            return part.state == FileState::occupied && contains(file->device, part.device);
        });
        const auto error = roots.probe(file->path);
        if (error && error != std::errc::device_or_resource_busy) {
            file->state = FileState::inaccessible;
            file->reason = error.message();
        } else {
            file->reason.clear();
            file->state = error || part_is_occupied ? FileState::occupied : FileState::free;
        }
    }
}

} // namespace

std::error_code probe(const std::filesystem::path& file)
{
    struct stat status = {};
    if (::stat(file.c_str(), &status) != 0)
        return {errno, std::generic_category()};
    if (!S_ISCHR(status.st_mode))
        return std::make_error_code(std::errc::no_such_device);
    const int descriptor = ::open(file.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return {errno, std::generic_category()};
    ::close(descriptor);
    return {};
}

std::optional<NamedDevice> device_of(std::string_view file_name)
{
    const auto pe = file_name.find("pe");
    const auto card = number_between(file_name.substr(0, pe), "npu", "");
    if (!card || *card >= max_elements)
        return std::nullopt;
    if (pe == std::string_view::npos)
        return NamedDevice{DeviceFamily::npu, *card, std::nullopt};
    const auto range = file_name.substr(pe);
    const auto dash = range.find('-');
    const auto first = number_between(range.substr(0, dash), "pe", "");
    const auto last = dash == std::string_view::npos ? first : number_between(range.substr(dash), "-", "");
    const bool ordered = first && last && *last < max_elements && (dash == std::string_view::npos || *first < *last);
    if (!ordered)
        return std::nullopt;
    return NamedDevice{DeviceFamily::npu, *card, ElementRange{*first, *last}};
}

std::vector<DeviceFile> find_device_files(const Roots& roots, unsigned card, bool alive)
{
    std::vector<DeviceFile> files;
    for (const auto& name : names_in(roots.dev, fmt::format("npu{}", card)))
        if (const auto device = device_of(name); device && device->card == card && files.size() < max_files)
            files.push_back({*device, roots.dev / name, FileState::inaccessible, "the card is not alive", {}});
    if (alive)
        find_states(roots, files);
    std::ranges::sort(files, {}, [](const DeviceFile& file) {
        const auto elements = file.device.elements.value_or(ElementRange{});
        return std::tuple(file.device.elements.has_value(), elements.first, elements.last);
    });
    return files;
}

} // namespace furiosa::device::npu
