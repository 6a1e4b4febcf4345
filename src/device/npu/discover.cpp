#include <furiosa/device/npu/discover.hpp>

#include "device/notation.hpp"
#include "device/npu/device_files.hpp"
#include "device/npu/hostile_files.hpp"
#include "device/npu/sensors.hpp"

#include <fmt/format.h>
#include <mutex>
#include <set>

namespace furiosa::device::npu {

namespace {

constexpr auto platform = "FuriosaAI";
constexpr std::size_t max_cards = 64;

/// A file is named after it: it must not lead out of the folder.
bool is_pci_address(std::string_view text)
{
    return text.size() <= 16 && text.find(':') != std::string_view::npos &&
           text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

std::optional<bool> flag_of(std::string_view text)
{
    if (text != "0" && text != "1")
        return std::nullopt;
    return text == "1";
}

/// Nothing for the card of somebody else.
std::optional<Card> read_card(const Roots& roots, unsigned number)
{
    const auto folder = roots.sys / "class" / "npu_mgmt" / fmt::format("npu{}_mgmt", number);
    if (read_text(folder / "platform_type") != platform)
        return std::nullopt;
    Card card;
    card.device = {DeviceFamily::npu, number, std::nullopt};
    card.device_type = read_text(folder / "device_type");
    card.soc_rev = read_text(folder / "soc_rev");
    card.serial_number = read_text(folder / "device_sn");
    card.uuid = read_text(folder / "device_uuid");
    card.firmware = read_text(folder / "fw_version");
    card.driver_version = read_text(folder / "version");
    card.alive = flag_of(read_text(folder / "alive"));
    if (auto address = read_text(folder / "busname"); is_pci_address(address)) {
        const auto pci_device = roots.sys / "bus" / "pci" / "devices" / address;
        card.pci_address = std::move(address);
        card.numa_node = number_of<unsigned>(read_text(pci_device / "numa_node")); // -1: none
        card.sensors = read_sensors(pci_device);
    }
    card.files = find_device_files(roots, number, card.alive.value_or(true));
    if (card.family() == DeviceFamily::warboy)
        for (auto& file : card.files)
            file.target = warboy_target(file.device);
    return card;
}

std::set<unsigned> card_numbers(const Roots& roots)
{
    std::set<unsigned> numbers;
    for (const auto& name : names_in(roots.sys / "class" / "npu_mgmt", "npu"))
        if (const auto number = number_between(name, "npu", "_mgmt"); number && *number < max_elements)
            numbers.insert(*number);
    return numbers;
}

} // namespace

std::vector<Card> discover(const Roots& roots)
{
    static std::mutex mutex; // else two that look at once would find each other's files occupied
    std::lock_guard lock(mutex);
    std::vector<Card> cards;
    for (const auto number : card_numbers(roots))
        if (auto card = read_card(roots, number); card && cards.size() < max_cards)
            cards.push_back(std::move(*card));
    return cards;
}

} // namespace furiosa::device::npu
