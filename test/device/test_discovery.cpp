#include "device/npu_tree.hpp"

#include <furiosa/device/npu/discover.hpp>

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace furiosa;
using device::npu::Card;
using device::npu::FileState;
using device::npu::SensorKind;
namespace fs = std::filesystem;

namespace {

/// "npu:0:0 free", …
std::vector<std::string> states_of(const Card& card)
{
    std::vector<std::string> states;
    for (const auto& file : card.files)
        states.push_back(fmt::format("{} {}", to_string(file.device), to_string(file.state)));
    return states;
}

/// The one card of a tree.
Card only_card(const test::NpuTree& tree)
{
    auto cards = device::npu::discover(tree.roots());
    REQUIRE(cards.size() == 1);
    return std::move(cards.front());
}

} // namespace

TEST_CASE("a machine without NPUs has none")
{
    test::NpuTree tree;
    CHECK(device::npu::discover(tree.roots()).empty());
    tree.add_device_file("npu0pe0"); // of somebody else: sysfs knows nothing of it
    CHECK(device::npu::discover(tree.roots()).empty());
}

TEST_CASE("a card tells all that there is to know of it")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    const auto card = only_card(tree);
    CHECK(to_string(card.device) == "npu:0");
    CHECK(card.family() == device::DeviceFamily::warboy);
    CHECK(card.device_type == "Warboy");
    CHECK(card.soc_rev == "B0");
    CHECK(card.pci_address == "0000:6d:00.0");
    CHECK(card.serial_number == "WBYB00000");
    CHECK(card.uuid == "5be0b2f6-0000-0000-0000-000000000000");
    CHECK(card.firmware == "1.6.0, c1bebfd");
    CHECK(card.driver_version == "1.4.0, 8f1bd2a");
    CHECK(card.alive == true);
    CHECK(card.numa_node == 1u);
    CHECK(card.element_count() == 2);
    CHECK(card.state() == FileState::free);
    CHECK(states_of(card) ==
          std::vector<std::string>{"npu:0 free", "npu:0:0 free", "npu:0:0-1 free", "npu:0:1 free"});
    CHECK(card.files[2].path == tree.dev() / "npu0pe0-1");
}

TEST_CASE("each file of a Warboy says what to compile for it")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    std::vector<std::string> targets;
    for (const auto& file : only_card(tree).files)
        targets.push_back(to_string(file.device) + " " + file.target);
    CHECK(targets == std::vector<std::string>{"npu:0 warboy-2pe", "npu:0:0 warboy", "npu:0:0-1 warboy-2pe", "npu:0:1 warboy"});
    tree.set(0, "device_type", "Renegade");
    CHECK(only_card(tree).files[1].target.empty());
}

TEST_CASE("a card that is not alive cannot be had, even if its files can be opened")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    tree.set(0, "alive", "0\n");
    auto roots = tree.roots();
    bool opened = false;
    roots.probe = [&](const fs::path&) -> std::error_code {
        opened = true;
        return {};
    };
    const auto cards = device::npu::discover(roots);
    REQUIRE(cards.size() == 1);
    const auto& card = cards[0];
    CHECK_FALSE(opened);
    CHECK(card.alive == false);
    CHECK(card.state() == FileState::inaccessible);
    for (const auto& file : card.files)
        CHECK(file.reason == "the card is not alive");
}

TEST_CASE("sensors come in the units of people, with a label")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    const auto card = only_card(tree);
    std::vector<std::string> sensors;
    for (const auto& sensor : card.sensors)
        sensors.push_back(
            fmt::format("{} {} {} {}", to_string(sensor.kind), sensor.label, sensor.value, unit_of(sensor.kind)));
    CHECK(sensors == std::vector<std::string>{"temperature AVG 43.5 °C", "temperature temp2 47.25 °C",
                                              "power Board 12.345 W", "current curr1 1.5 A", "voltage in0 0.812 V"});
    CHECK(card.highest(SensorKind::temperature) == 47.25);
}

TEST_CASE("cards come in the order of their numbers, and one does not get the files of another")
{
    test::NpuTree tree;
    tree.add_warboy(10);
    tree.add_warboy(1);
    const auto cards = device::npu::discover(tree.roots());
    REQUIRE(cards.size() == 2);
    CHECK(to_string(cards[0].device) == "npu:1");
    CHECK(to_string(cards[1].device) == "npu:10");
    CHECK(cards[0].files.size() == 4);
    CHECK(cards[1].files.size() == 4);
}

TEST_CASE("what is occupied is told apart from what cannot be opened")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    tree.failures = {{"npu0pe1", std::errc::device_or_resource_busy}, {"npu0pe0", std::errc::permission_denied}};
    const auto card = only_card(tree);
    CHECK(states_of(card) == std::vector<std::string>{"npu:0 occupied", "npu:0:0 inaccessible", "npu:0:0-1 occupied",
                                                      "npu:0:1 occupied"});
    CHECK(card.files[1].reason == "Permission denied");
    CHECK(card.files[3].reason.empty());
    CHECK(card.state() == FileState::occupied);
}

TEST_CASE("an element is not occupied because its neighbour is")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    tree.failures = {{"npu0pe0-1", std::errc::device_or_resource_busy}};
    CHECK(states_of(only_card(tree)) == std::vector<std::string>{"npu:0 occupied", "npu:0:0 free", "npu:0:0-1 occupied",
                                                                 "npu:0:1 free"});
}

TEST_CASE("the card of another platform is none of ours")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    tree.add_warboy(1);
    tree.set(0, "platform_type", "Somebody\n");
    const auto card = only_card(tree);
    CHECK(to_string(card.device) == "npu:1");
    fs::remove(tree.sys() / "class/npu_mgmt/npu1_mgmt/platform_type");
    CHECK(device::npu::discover(tree.roots()).empty());
}

TEST_CASE("files that are missing leave their fields empty")
{
    test::NpuTree tree;
    tree.set(0, "platform_type", "FuriosaAI");
    const auto card = only_card(tree);
    CHECK(card.device_type.empty());
    CHECK(card.family() == device::DeviceFamily::npu);
    CHECK(card.pci_address.empty());
    CHECK_FALSE(card.alive);
    CHECK_FALSE(card.numa_node);
    CHECK(card.sensors.empty());
    CHECK(card.files.empty());
    CHECK(card.element_count() == 0);
    CHECK(card.state() == FileState::inaccessible);
}

TEST_CASE("files that make no sense leave their fields empty")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    const auto folder = tree.sys() / "class/npu_mgmt/npu0_mgmt";
    tree.set(0, "fw_version", std::string(5000, '1'));       // too long
    tree.set(0, "version", "1.0\x1b[2J");                    // steers a terminal
    tree.set(0, "device_sn", std::string("a\0b", 3));
    tree.set(0, "alive", "perhaps");
    tree.set(0, "device_uuid", " \n\t\n");
    fs::remove(folder / "device_type");
    fs::create_directory(folder / "device_type");            // cannot be read
    fs::remove(folder / "soc_rev");
    REQUIRE(::mkfifo((folder / "soc_rev").c_str(), 0600) == 0); // nobody will ever write
    tree.write(tree.pci_folder(0) + "/numa_node", "-1\n");
    tree.write(tree.pci_folder(0) + "/hwmon/hwmon3/temp1_input", "hot");
    tree.write(tree.pci_folder(0) + "/hwmon/hwmon3/temp2_input", "99999999999999999999");
    const auto card = only_card(tree);
    CHECK(card.firmware.empty());
    CHECK(card.driver_version.empty());
    CHECK(card.serial_number.empty());
    CHECK(card.uuid.empty());
    CHECK(card.device_type.empty());
    CHECK(card.soc_rev.empty());
    CHECK_FALSE(card.alive);
    CHECK_FALSE(card.numa_node);
    CHECK_FALSE(card.highest(SensorKind::temperature));
    CHECK(card.highest(SensorKind::power) == 12.345);
}

TEST_CASE("a PCI address does not lead out of its folder")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    for (const auto* address : {"../../../../elsewhere", "..", "/etc", "0000:6d:00.0/../x", ""}) {
        tree.set(0, "busname", address);
        CHECK(only_card(tree).pci_address.empty());
        CHECK(only_card(tree).sensors.empty());
    }
}

TEST_CASE("odd names are no devices")
{
    test::NpuTree tree;
    tree.set(0, "platform_type", "FuriosaAI");
    for (const auto* name :
         {"npu00", "npu0pe", "npu0pe00", "npu0pe1-0", "npu0pe1-1", "npu0pe0-", "npu0pe0-1-2", "npu0pe-1", "npu0pe 1",
          "npu0pe+1", "npu0ch0r", "npu0_mgmt", "npu0pe4294967296", "npu0pe2000", "npu", "npux", "npu0PE0", "npu0pe0x"})
        tree.add_device_file(name);
    tree.add_device_file("npu0pe12");
    CHECK(states_of(only_card(tree)) == std::vector<std::string>{"npu:0:12 free"});
    tree.set(7777, "platform_type", "FuriosaAI");
    tree.write("sys/class/npu_mgmt/npu01_mgmt/platform_type", "FuriosaAI");
    tree.write("sys/class/npu_mgmt/npu_mgmt/platform_type", "FuriosaAI");
    tree.write("sys/class/npu_mgmt/npu1/platform_type", "FuriosaAI");
    CHECK(only_card(tree).device.card == 0);
}

TEST_CASE("a thousand files are not too many, and not all of them are taken")
{
    test::NpuTree tree;
    tree.set(0, "platform_type", "FuriosaAI");
    for (int i = 0; i != 1023; ++i)
        tree.add_device_file(fmt::format("npu0pe{}", i));
    const auto card = only_card(tree);
    CHECK(card.files.size() > 8);
    CHECK(card.files.size() <= 64);
}

TEST_CASE("only character devices are opened, and none of them is waited for")
{
    test::NpuTree tree;
    const auto fifo = tree.dev() / "fifo";
    fs::create_directories(tree.dev());
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(device::npu::probe(fifo) == std::errc::no_such_device);
    tree.write("dev/file", "");
    CHECK(device::npu::probe(tree.dev() / "file") == std::errc::no_such_device);
    CHECK(device::npu::probe(tree.dev()) == std::errc::no_such_device);
    CHECK(device::npu::probe(tree.dev() / "nothing") == std::errc::no_such_file_or_directory);
    CHECK_FALSE(device::npu::probe("/dev/null"));
}
