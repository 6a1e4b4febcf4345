#include "support/throws_errc.hpp"

#include <furiosa/device/npu/choose.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace furiosa;
using device::DeviceConfig;
using device::DeviceEntry;
using device::DeviceFamily;
using device::DeviceRequest;
using device::ElementRange;
using device::NamedDevice;
using device::npu::Card;
using device::npu::choose;
using device::npu::DeviceFile;
using device::npu::FileState;

namespace {

constexpr auto is_free = FileState::free;
constexpr auto occupied = FileState::occupied;
constexpr auto inaccessible = FileState::inaccessible;

/// What is known of a fused file from what is known of its elements.
FileState fused(FileState first, FileState second)
{
    return std::max(first, second); // as they are declared: free, occupied, inaccessible
}

/// Two elements, the pair of them, and all of the card.
Card card(unsigned number, FileState first = is_free, FileState second = is_free, const char* type = "Warboy")
{
    Card card;
    card.device = {DeviceFamily::npu, number, std::nullopt};
    card.device_type = type;
    const auto add = [&](std::optional<ElementRange> elements, FileState state) {
        card.files.push_back({{DeviceFamily::npu, number, elements}, {}, state, {}});
    };
    add(std::nullopt, fused(first, second));
    add(ElementRange{0, 0}, first);
    add(ElementRange{0, 1}, fused(first, second));
    add(ElementRange{1, 1}, second);
    return card;
}

/// "npu:0:0,npu:1"
std::string chosen(const char* config, const std::vector<Card>& cards)
{
    std::string text;
    for (const auto& file : choose(DeviceConfig::parse(config), cards))
        text += (text.empty() ? "" : ",") + to_string(file.device);
    return text;
}

std::string sentence(const char* config, const std::vector<Card>& cards)
{
    try {
        return chosen(config, cards);
    } catch (const Error& error) {
        return error.what();
    }
}

/// For tests that must not depend on the order in which choose() tries things.
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
               (request.family == DeviceFamily::npu || request.family == family);
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

/// What must hold of a choice that was made.
void check_choice(const DeviceConfig& config, const std::vector<Card>& cards, const std::vector<DeviceFile>& files)
{
    for (auto file = files.begin(); file != files.end(); ++file) {
        CHECK(file->state == is_free);
        CHECK(std::none_of(files.begin(), file, [&](const DeviceFile& other) { return overlap(other.device, file->device); }));
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
                CHECK((file.state != is_free || !Search::fits(entry, file, card.family()) ||
                       std::ranges::any_of(files, [&](const auto& other) { return overlap(other.device, file.device); })));
    }
    CHECK((open ? files.size() >= least : files.size() == least));
}

} // namespace

TEST_CASE("devices are taken by name, or as many as are asked for")
{
    const std::vector cards{card(0), card(1)};
    CHECK(chosen("npu:0", cards) == "npu:0");
    CHECK(chosen("npu1pe0-1", cards) == "npu:1:0-1");
    CHECK(chosen("warboy(2)*1", cards) == "npu:0:0-1");
    CHECK(chosen("warboy*3", cards) == "npu:0:0,npu:0:1,npu:1:0");
    CHECK(chosen("npu", cards) == "npu:0:0,npu:0:1,npu:1:0,npu:1:1");
}

TEST_CASE("those that are named come first, whatever the order of the text")
{
    const std::vector cards{card(0), card(1)};
    CHECK(chosen("warboy*1,npu:0:0", cards) == "npu:0:0,npu:0:1");
    CHECK(chosen("warboy(2)*1,npu:0:1", cards) == "npu:0:1,npu:1:0-1");
    CHECK(chosen("npu,npu:1", cards) == "npu:1,npu:0:0,npu:0:1");
}

TEST_CASE("an element is taken where no pair is spoiled by it")
{
    const std::vector cards{card(0), card(1, occupied, is_free)};
    CHECK(chosen("warboy*1", cards) == "npu:1:1");
    CHECK(chosen("warboy*1,warboy(2)*1", cards) == "npu:0:0-1,npu:1:1");
}

TEST_CASE("whoever takes any NPU leaves Warboys to those who need them")
{
    const std::vector cards{card(0), card(1, is_free, is_free, "Other")};
    CHECK(chosen("npu(2)*1,warboy(2)*1", cards) == "npu:0:0-1,npu:1:0-1");
}

TEST_CASE("too few devices are not found, and enough of them that others have are busy")
{
    CHECK_THROWS_ERRC(chosen("warboy*1", {}), errc::device_not_found);
    CHECK_THROWS_ERRC(chosen("warboy*3", {card(0)}), errc::device_not_found);
    CHECK_THROWS_ERRC(chosen("npu:1", {card(0)}), errc::device_not_found);
    CHECK_THROWS_ERRC(chosen("npu:0:2", {card(0)}), errc::device_not_found);
    CHECK_THROWS_ERRC(chosen("npu(3)*1", {card(0)}), errc::device_not_found);
    CHECK_THROWS_ERRC(chosen("warboy*1", {card(0, is_free, is_free, "Other")}), errc::device_not_found);
    CHECK_THROWS_ERRC(chosen("warboy*2", {card(0, is_free, occupied)}), errc::device_busy);
    CHECK_THROWS_ERRC(chosen("npu:0", {card(0, is_free, occupied)}), errc::device_busy);
    CHECK_THROWS_ERRC(chosen("npu:0:1", {card(0, is_free, occupied)}), errc::device_busy);
    CHECK_THROWS_ERRC(chosen("npu", {card(0, occupied, occupied)}), errc::device_busy);
    CHECK_THROWS_ERRC(chosen("warboy*2", {card(0, is_free, inaccessible)}), errc::device_not_found); // waiting helps nobody
}

TEST_CASE("the sentences say what was wanted, and what there is")
{
    auto cards = std::vector{card(0, inaccessible, occupied)};
    cards[0].files[1].reason = "Permission denied";
    const auto busy = sentence("npu:0:1", cards);
    CHECK_THAT(busy, Catch::Contains("device 'npu:0:1'") && Catch::Contains("npu:0:1 is occupied"));
    const auto missing = sentence("npu:0:1,warboy*1", cards);
    CHECK_THAT(missing, Catch::Contains("warboy(1)*1") && Catch::Contains("npu:0:0 is inaccessible (Permission denied)"));
    CHECK_THAT(sentence("warboy*1", {}), Catch::Contains("no NPU"));
    std::vector<Card> many;
    for (unsigned number = 0; number != 64; ++number)
        many.push_back(card(number, occupied, occupied));
    CHECK_THAT(sentence("warboy*1", many), Catch::Contains("and 232 more"));
}

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
