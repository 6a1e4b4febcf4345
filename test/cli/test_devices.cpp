#include "cli/command_line.hpp"
#include "device/npu_tree.hpp"

#include <catch2/catch.hpp>

#include <simdjson.h>

using namespace furiosa;
using test::has;

namespace {

/// The program in front of a devfs and a sysfs of our own.
struct CommandLine : test::CommandLine
{
    test::Result devices(const std::string& options = "") const
    {
        return run(fmt::format("devices --dev {} --sys {} {}", tree.dev().native(), tree.sys().native(), options));
    }

    test::NpuTree tree;
};

/// The NPUs of an answer; the CPU stands before them.
std::vector<simdjson::dom::element> npus_in(const simdjson::dom::element& document)
{
    std::vector<simdjson::dom::element> npus;
    for (const auto device : simdjson::dom::array(document))
        if (std::string_view(device["family"]) != "cpu")
            npus.push_back(device);
    return npus;
}

std::string_view line_of(std::string_view text, std::string_view beginning)
{
    const auto begin = ("\n" + std::string(text)).find("\n" + std::string(beginning));
    return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

} // namespace

TEST_CASE("devices shows NPUs in a table: what there is to name, what is free, and how the cards are")
{
    CommandLine line;
    line.tree.add_warboy(0);
    line.tree.set(1, "platform_type", "FuriosaAI");
    line.tree.add_device_file("npu1pe0", "/no/such/device");
    const auto listed = line.devices();
    CHECK(listed.code == 0);
    INFO(listed.out << listed.errors);
    CHECK(has(std::string(line_of(listed.out, "npu:0 ")), "free"));
    CHECK(has(std::string(line_of(listed.out, "npu:0:0-1 ")), "free"));
    CHECK(has(std::string(line_of(listed.out, "npu:0:0-1 ")), "warboy-2pe"));
    CHECK(has(std::string(line_of(listed.out, "npu:0:1 ")), "warboy "));
    CHECK(has(std::string(line_of(listed.out, "npu:1:0 ")), "inaccessible: No such file or directory"));
    const auto card = std::string(line_of(listed.out.substr(listed.out.find("\n\n") + 2), "npu:0 "));
    for (const auto* part : {"Warboy B0", "1.6.0, c1bebfd", "1.4.0, 8f1bd2a", "0000:6d:00.0", "yes", "47.2", "12.3"})
        CHECK(has(card, part));
}

TEST_CASE("programs read of NPUs as JSON")
{
    CommandLine line;
    line.tree.add_warboy(0);
    line.tree.set(1, "platform_type", "FuriosaAI");
    simdjson::dom::parser parser;
    const auto text = line.devices("--json").out;
    const auto npus = npus_in(parser.parse(text));
    REQUIRE(npus.size() == 2);
    const auto& card = npus[0];
    CHECK(std::string_view(card["name"]) == "npu:0");
    CHECK(std::string_view(card["family"]) == "warboy");
    CHECK(std::uint64_t(card["elements"]) == 2);
    CHECK(std::string_view(card["state"]) == "free");
    CHECK(std::string_view(card["target"]) == "warboy-2pe");
    CHECK(std::string_view(card["serial_number"]) == "WBYB00000");
    CHECK(std::uint64_t(card["numa_node"]) == 1);
    CHECK(bool(card["alive"]));
    CHECK(std::string_view(card["sensors"].at(0)["label"]) == "AVG");
    CHECK(double(card["sensors"].at(0)["value"]) == 43.5);
    CHECK(std::string_view(card["sensors"].at(0)["unit"]) == "°C");
    CHECK(std::string_view(card["files"].at(2)["name"]) == "npu:0:0-1");
    CHECK(std::uint64_t(card["files"].at(2)["elements"]) == 2);
    CHECK(std::string_view(card["files"].at(1)["target"]) == "warboy");
    CHECK(std::string_view(card["files"].at(2)["path"]) == (line.tree.dev() / "npu0pe0-1").native());
    CHECK(std::string_view(npus[1]["target"]).empty());
    CHECK(npus[1]["numa_node"].error() == simdjson::NO_SUCH_FIELD); // nothing is known of it
}

TEST_CASE("without NPUs, devices says nothing of cards")
{
    CommandLine line;
    const auto listed = line.devices();
    CHECK(listed.code == 0);
    CHECK(has(listed.out, "DEVICE"));
    CHECK_FALSE(has(listed.out, "FIRMWARE"));
}
