#include "device/npu_cards.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/device/npu/choose.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <random>

using namespace furiosa;
using device::DeviceConfig;
using device::DeviceEntry;
using device::DeviceFamily;
using device::DeviceRequest;
using device::NamedDevice;
using device::npu::Card;
using device::npu::DeviceFile;
using test::card;
using test::inaccessible;
using test::is_free;
using test::occupied;

namespace {

/// Tries all ways there are: what choose() must come to, whatever its own order.
class Search
{
public:
    Search(const DeviceConfig& config, const std::vector<Card>& cards, bool occupied_too)
    {
        for (const auto& entry : config.entries()) {
            const auto* request = std::get_if<DeviceRequest>(&entry);
            wishes_.insert(wishes_.end(), request ? std::max(1u, request->count) : 1, entry);
        }
        for (const auto& card : cards)
            for (const auto& file : card.files)
                if (file.state == is_free || (occupied_too && file.state == occupied))
                    files_.push_back({&file, card.family()});
    }

    /// Whether any way leads to files for all.
    bool succeeds(std::size_t wish = 0)
    {
        if (wish == wishes_.size())
            return true;
        for (const auto& [file, family] : files_) {
            const bool apart = std::ranges::none_of(
                taken_, [&](const DeviceFile* other) { return overlap(other->device, file->device); });
            if (!apart || !fits(wishes_[wish], *file, family))
                continue;
            taken_.push_back(file);
            if (succeeds(wish + 1))
                return true;
            taken_.pop_back();
        }
        return false;
    }

    static bool fits(const DeviceEntry& entry, const DeviceFile& file, DeviceFamily family)
    {
        if (const auto* named = std::get_if<NamedDevice>(&entry))
            return *named == file.device;
        const auto& request = std::get<DeviceRequest>(entry);
        return file.device.elements && file.device.elements->size() == request.fused &&
               (request.family == DeviceFamily::npu || request.family == family) && !file.target.empty();
    }

private:
    std::vector<DeviceEntry> wishes_;
    std::vector<std::pair<const DeviceFile*, DeviceFamily>> files_;
    std::vector<const DeviceFile*> taken_;
};

class Random
{
public:
    explicit Random(unsigned seed) : engine_(seed) {}

    unsigned below(unsigned end) { return static_cast<unsigned>(engine_() % end); }

    std::vector<Card> cards()
    {
        std::vector<Card> cards;
        const auto state = [&] { return std::array{is_free, is_free, occupied, inaccessible}[below(4)]; };
        for (unsigned number = 0, count = below(4); number != count; ++number)
            cards.push_back(card(number, state(), state(), below(3) ? "Warboy" : "Other"));
        return cards;
    }

    /// Of one to three entries. Nothing when those that are named overlap, or two take what is left.
    std::optional<DeviceConfig> config()
    {
        std::string text;
        for (unsigned count = 1 + below(3); count != 0; --count)
            text += (text.empty() ? "" : ",") + entry();
        try {
            return DeviceConfig::parse(text);
        } catch (const Error&) {
            return std::nullopt;
        }
    }

private:
    std::string entry()
    {
        if (below(3) == 0)
            return fmt::format("npu:{}{}", below(4), std::array{"", ":0", ":1", ":0-1"}[below(4)]);
        const auto family = below(2) ? "npu" : "warboy";
        return below(5) ? fmt::format("{}({})*{}", family, 1 + below(2), 1 + below(3)) : family;
    }

    std::mt19937 engine_;
};

bool is_taken(const DeviceFile& file, const std::vector<DeviceFile>& files)
{
    return std::ranges::any_of(files, [&](const auto& other) { return overlap(other.device, file.device); });
}

/// What must hold of a choice that was made.
void check_choice(const DeviceConfig& config, const std::vector<Card>& cards, const std::vector<DeviceFile>& files)
{
    for (auto file = files.begin(); file != files.end(); ++file) {
        CHECK(file->state == is_free);
        CHECK(std::none_of(files.begin(), file,
                           [&](const DeviceFile& other) { return overlap(other.device, file->device); }));
    }
    std::size_t least = 0;
    bool open = false;
    for (const auto& entry : config.entries()) {
        const auto* request = std::get_if<DeviceRequest>(&entry);
        least += request ? std::max(1u, request->count) : 1;
        open = open || (request && request->count == 0);
        if (!request)
            CHECK(std::ranges::count(files, std::get<NamedDevice>(entry), &DeviceFile::device) == 1);
        if (!request || request->count != 0)
            continue;
        for (const auto& card : cards) // it takes all that is left
            for (const auto& file : card.files)
                CHECK((file.state != is_free || !Search::fits(entry, file, card.family()) || is_taken(file, files)));
    }
    CHECK((open ? files.size() >= least : files.size() == least));
}

} // namespace

TEST_CASE("whatever the cards and the wishes, no two files overlap, and errors say which it is")
{
    Random random(1);
    unsigned chosen = 0;
    unsigned busy = 0;
    unsigned missing = 0;
    for (int round = 0; round != 20'000; ++round) {
        const auto cards = random.cards();
        const auto config = random.config();
        if (!config)
            continue;
        INFO(to_string(*config) << " of " << cards.size() << " cards, round " << round);
        const bool enough_free = Search(*config, cards, false).succeeds();
        const bool enough = Search(*config, cards, true).succeeds();
        try {
            check_choice(*config, cards, choose(*config, cards));
            CHECK(enough_free);
            ++chosen;
        } catch (const Error& error) {
            CHECK_FALSE(enough_free);
            CHECK(error.code() == (enough ? errc::device_busy : errc::device_not_found));
            ++(enough ? busy : missing);
        }
    }
    CHECK((chosen > 1000 && busy > 1000 && missing > 1000));
}
