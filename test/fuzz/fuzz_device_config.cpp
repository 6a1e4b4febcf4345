// The notation of devices, and which files are chosen for it from cards that are made up, too.

#include "require.hpp"
#include "unless_refused.hpp"

#include <furiosa/device/npu/choose.hpp>

#include <algorithm>

using namespace furiosa;
using device::DeviceConfig;
using device::ElementRange;
using device::npu::Card;
using device::npu::FileState;
using fuzz::unless_refused;

namespace {

/// One card for each byte, with elements whose states its bits are.
std::vector<Card> cards_of(std::string_view bytes)
{
    std::vector<Card> cards;
    for (const char byte : bytes) {
        Card card;
        card.device.card = static_cast<unsigned>(cards.size());
        card.device_type = byte & 1 ? "Warboy" : "";
        auto bits = static_cast<unsigned char>(byte) >> 1;
        for (const auto elements : {ElementRange{0, 0}, ElementRange{0, 1}, ElementRange{1, 1}, ElementRange{1, 2}}) {
            const auto state = bits & 1 ? FileState::free : bits & 2 ? FileState::occupied : FileState::inaccessible;
            const device::NamedDevice named{device::DeviceFamily::npu, card.device.card, elements};
            card.files.push_back({named, {}, state, {}, byte & 1 ? device::npu::warboy_target(named) : ""});
            bits >>= 1;
        }
        cards.push_back(std::move(card));
    }
    return cards;
}

void check_choice(const DeviceConfig& config, const std::vector<Card>& cards)
{
    const auto files =
        unless_refused([&] { return choose(config, cards); }, errc::device_not_found, errc::device_busy);
    if (!files)
        return;
    REQUIRE(!files->empty());
    for (auto file = files->begin(); file != files->end(); ++file) {
        REQUIRE(file->state == FileState::free);
        REQUIRE(std::none_of(files->begin(), file,
                             [&](const auto& other) { return overlap(other.device, file->device); }));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto notation = text.substr(0, text.find('\0'));
    const auto rest = text.substr(std::min(size, notation.size() + 1));
    const auto config = unless_refused([&] { return DeviceConfig::parse(notation); }, errc::invalid_device_config);
    if (!config)
        return 0;
    REQUIRE(DeviceConfig::parse(to_string(*config)) == *config);
    check_choice(*config, cards_of(rest.substr(0, 16)));
    return 0;
}
