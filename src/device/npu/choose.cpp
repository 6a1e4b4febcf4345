#include <furiosa/device/npu/choose.hpp>

#include "device/notation.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <tuple>

namespace furiosa::device::npu {

namespace {

/// Takes files one after the other from those that may be had.
class Choice
{
public:
    Choice(std::span<const Card> cards, bool occupied_too)
    {
        for (const auto& card : cards)
            for (const auto& file : card.files)
                if (file.state == FileState::free || (occupied_too && file.state == FileState::occupied))
                    left_.push_back({&file, card.family()});
        std::ranges::sort(left_, {}, [](const Candidate& candidate) {
            const auto& elements = candidate.file->device.elements;
            const auto [first, last] = elements.value_or(ElementRange{});
            return std::tuple(card_of(candidate), elements.has_value(), first, last);
        });
    }

    /// Of a request whose number is open, one. False when there are too few.
    bool take(const DeviceEntry& entry)
    {
        if (const auto* named = std::get_if<NamedDevice>(&entry))
            return take_file(
                std::ranges::find_if(left_, [&](const auto& other) { return other.file->device == *named; }));
        const auto& request = std::get<DeviceRequest>(entry);
        for (unsigned count = std::max(1u, request.count); count != 0; --count)
            if (!take_file(best_for(request)))
                return false;
        return true;
    }

    /// All that are left for a request whose number is open.
    void take_rest(const DeviceEntry& entry)
    {
        if (const auto* request = std::get_if<DeviceRequest>(&entry); request && request->count == 0)
            while (take_file(best_for(*request))) {
            }
    }

    const std::vector<DeviceFile>& taken() const noexcept { return taken_; }

private:
    struct Candidate
    {
        const DeviceFile* file;
        DeviceFamily family;
    };
    using Position = std::vector<Candidate>::iterator;

    static unsigned card_of(const Candidate& candidate) { return candidate.file->device.card; }

    static bool fits(const DeviceRequest& request, const Candidate& candidate)
    {
        const auto& elements = candidate.file->device.elements;
        const bool family = request.family == DeviceFamily::npu || request.family == candidate.family;
        return family && elements && elements->size() == request.fused && !candidate.file->target.empty();
    }

    /// The one that spoils the fewest others: an element whose neighbour is taken already, before one of a whole pair.
    Position best_for(const DeviceRequest& request)
    {
        auto best = left_.end();
        std::ptrdiff_t fewest = 0;
        for (auto at = left_.begin(); at != left_.end(); ++at) {
            if (!fits(request, *at))
                continue;
            const auto spoiled = std::ranges::count_if(
                std::ranges::equal_range(left_, card_of(*at), {}, card_of),
                [&](const auto& other) { return overlap(other.file->device, at->file->device); });
            if (best == left_.end() || spoiled < fewest) {
                best = at;
                fewest = spoiled;
            }
        }
        return best;
    }

    bool take_file(Position at)
    {
        if (at == left_.end())
            return false;
        taken_.push_back(*at->file);
        std::erase_if(left_, [&](const auto& other) { return overlap(other.file->device, taken_.back().device); });
        return true;
    }

    std::vector<Candidate> left_;
    std::vector<DeviceFile> taken_;
};

/// Those that are named first, then those that are harder to find a device for: with cards like the Warboy, whose files
/// are of one element or of two, no other order finds devices where this one does not.
std::vector<const DeviceEntry*> in_order(const std::vector<DeviceEntry>& entries)
{
    std::vector<const DeviceEntry*> order;
    for (const auto& entry : entries)
        order.push_back(&entry);
    std::ranges::sort(order, {}, [](const DeviceEntry* entry) { // at last in the order of the text
        const auto* request = std::get_if<DeviceRequest>(entry);
        if (!request)
            return std::tuple(false, false, 0u, entry);
        return std::tuple(true, request->family == DeviceFamily::npu, max_elements - request->fused, entry);
    });
    return order;
}

/// What the choice comes to: the entry that there is too little for, or null.
const DeviceEntry* first_failure(Choice& choice, const std::vector<const DeviceEntry*>& entries)
{
    for (const auto* entry : entries)
        if (!choice.take(*entry))
            return entry;
    for (const auto* entry : entries)
        choice.take_rest(*entry);
    return nullptr;
}

std::string inventory(std::span<const Card> cards)
{
    constexpr std::size_t most = 24;
    std::string text;
    std::size_t count = 0;
    for (const auto& card : cards)
        for (const auto& file : card.files) {
            if (++count > most)
                continue;
            text += fmt::format("{}{} is {}", count == 1 ? "" : ", ", to_string(file.device), to_string(file.state));
            if (!file.reason.empty())
                text += fmt::format(" ({})", file.reason);
            if (file.target.empty())
                text += ", but no Warboy";
        }
    if (count > most)
        text += fmt::format(", and {} more", count - most);
    return text;
}

} // namespace

std::vector<DeviceFile> choose(const DeviceConfig& config, std::span<const Card> cards)
{
    const auto entries = in_order(config.entries());
    Choice free(cards, false);
    if (!first_failure(free, entries))
        return free.taken();
    const auto there = inventory(cards);
    if (there.empty())
        throw_error(errc::device_not_found,
                    "device '{}': no NPU was found on this machine. The CPU runs the same models: name 'cpu'",
                    to_string(config));
    Choice all(cards, true);
    if (const auto* missing = first_failure(all, entries))
        throw_error(errc::device_not_found,
                    "device '{}': there are too few devices for {}: {}. Ask for fewer, or name 'cpu'",
                    to_string(config), to_string(*missing), there);
    throw_error(errc::device_busy, "device '{}': it is there, but not free: {}. Wait, ask for others, or name 'cpu'",
                to_string(config), there);
}

} // namespace furiosa::device::npu
