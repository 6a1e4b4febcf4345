#include "device/npu_cards.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/device/npu/choose.hpp>

#include <catch2/catch.hpp>

using namespace furiosa;
using device::DeviceConfig;
using device::npu::Card;
using device::npu::choose;
using test::card;
using test::inaccessible;
using test::is_free;
using test::occupied;

namespace {

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
    std::vector cards{card(0), card(1, is_free, is_free, "Other")};
    for (auto& file : cards[1].files)
        file.target = "other";
    CHECK(chosen("npu(2)*1,warboy(2)*1", cards) == "npu:0:0-1,npu:1:0-1");
}

TEST_CASE("NPUs that nobody knows what to compile for are taken only by their name")
{
    const std::vector cards{card(0, is_free, is_free, "Other"), card(1)};
    CHECK(chosen("npu*1", cards) == "npu:1:0");
    CHECK(chosen("npu:0:0", cards) == "npu:0:0");
    CHECK_THROWS_ERRC(chosen("npu*3", cards), errc::device_not_found);
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
    CHECK_THROWS_ERRC(chosen("warboy*2", {card(0, is_free, inaccessible)}),
                      errc::device_not_found); // waiting helps nobody
}

TEST_CASE("the sentences say what was wanted, and what there is")
{
    auto cards = std::vector{card(0, inaccessible, occupied)};
    cards[0].files[1].reason = "Permission denied";
    const auto busy = sentence("npu:0:1", cards);
    CHECK_THAT(busy, Catch::Contains("device 'npu:0:1'") && Catch::Contains("npu:0:1 is occupied"));
    const auto missing = sentence("npu:0:1,warboy*1", cards);
    CHECK_THAT(missing,
               Catch::Contains("warboy(1)*1") && Catch::Contains("npu:0:0 is inaccessible (Permission denied)"));
    CHECK_THAT(sentence("warboy*1", {}), Catch::Contains("no NPU"));
    std::vector<Card> many;
    for (unsigned number = 0; number != 64; ++number)
        many.push_back(card(number, occupied, occupied));
    CHECK_THAT(sentence("warboy*1", many), Catch::Contains("and 232 more"));
}
