#include "support/throws_errc.hpp"

#include <furiosa/device/device_config.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>

using namespace furiosa;
using device::DeviceConfig;
using device::DeviceEntry;
using device::DeviceFamily;
using device::DeviceRequest;
using device::ElementRange;
using device::NamedDevice;

namespace {

/// The only entry of a configuration.
DeviceEntry entry(const char* text)
{
    const auto entries = DeviceConfig::parse(text).entries();
    REQUIRE(entries.size() == 1);
    return entries.front();
}

DeviceEntry request(DeviceFamily family, unsigned fused, unsigned count)
{
    return DeviceRequest{family, fused, count};
}

DeviceEntry named(DeviceFamily family, unsigned card, std::optional<ElementRange> elements = {})
{
    return NamedDevice{family, card, elements};
}

std::string sentence(std::string_view text)
{
    try {
        return to_string(DeviceConfig::parse(text));
    } catch (const Error& error) {
        return error.what();
    }
}

/// The environment of a test, which is gone at its end.
struct Variables
{
    Variables() { clear(); }
    ~Variables() { clear(); }
    static void clear()
    {
        ::unsetenv("FURIOSA_DEVICES");
        ::unsetenv("NPU_DEVNAME");
    }
};

} // namespace

TEST_CASE("the vendor's notation says how many elements work together, and how many of these there are")
{
    CHECK(entry("cpu") == request(DeviceFamily::cpu, 1, 0));
    CHECK(entry("cpu(1)*2") == request(DeviceFamily::cpu, 1, 2));
    CHECK(entry("cpu(2)*1") == request(DeviceFamily::cpu, 2, 1));
    CHECK(entry("cpu*3") == request(DeviceFamily::cpu, 1, 3));
    CHECK(entry("warboy") == request(DeviceFamily::warboy, 1, 0));
    CHECK(entry("warboy(2)*1") == request(DeviceFamily::warboy, 2, 1));
    CHECK(entry("npu(2)*1") == request(DeviceFamily::npu, 2, 1));
    CHECK(entry("auto*2") == request(DeviceFamily::automatic, 1, 2));
}

TEST_CASE("devices have names")
{
    CHECK(entry("npu:0") == named(DeviceFamily::npu, 0));
    CHECK(entry("npu:3:0") == named(DeviceFamily::npu, 3, ElementRange{0, 0}));
    CHECK(entry("npu:0:0-1") == named(DeviceFamily::npu, 0, ElementRange{0, 1}));
    CHECK(entry("cpu:0:0-1") == named(DeviceFamily::cpu, 0, ElementRange{0, 1}));
    CHECK(entry("cpu:0") == named(DeviceFamily::cpu, 0));
}

TEST_CASE("the older names mean the same")
{
    CHECK(entry("npu0") == entry("npu:0"));
    CHECK(entry("npu0pe0") == entry("npu:0:0"));
    CHECK(entry("npu12pe0-1") == entry("npu:12:0-1"));
}

TEST_CASE("commas join several, in the order of the text")
{
    const auto config = DeviceConfig::parse("warboy(2)*1, npu:0:1 ,npu1pe0-1,npu");
    CHECK(to_string(config) == "warboy(2)*1,npu:0:1,npu:1:0-1,npu");
    CHECK(config.entries().size() == 4);
    CHECK_FALSE(config.is_cpu());
    CHECK(DeviceConfig::parse("cpu:0:0,cpu(2)*1").is_cpu());
}

TEST_CASE("a configuration is written in full")
{
    CHECK(sentence("cpu*3") == "cpu(1)*3");
    CHECK(sentence("cpu") == "cpu");
    CHECK(sentence("npu0pe1-1") == "npu:0:1");
    CHECK(sentence("auto") == "auto");
}

TEST_CASE("where the number is open it can be given")
{
    CHECK(to_string(DeviceConfig::parse("npu:0,npu").with_open_count(3)) == "npu:0,npu(1)*3");
    CHECK(to_string(DeviceConfig::parse("cpu(2)*1").with_open_count(3)) == "cpu(2)*1");
    CHECK(to_string(DeviceConfig().with_open_count(3).with_family(DeviceFamily::npu)) == "npu(1)*3");
    CHECK(to_string(DeviceConfig::parse("cpu").with_family(DeviceFamily::npu)) == "cpu");
}

TEST_CASE("a notation that is wrong is refused, with the place")
{
    for (const auto* text :
         {"", "gpu", "cpu(", "cpu(1", "cpu(1)", "cpu(1)*", "cpu(0)*1", "cpu(1)*0", "cpu*-1", "cpu(1)*2x",
          "cpu(99999999999)*1", "cpu (1)*2", "CPU", "cpu*2000", "cpu0", "warboy:0", "warboy0", "auto:0", "npu:", "npu:x",
          "npu:0:", "npu:0:1-0", "npu:0:0-", "npu:0-1", "npu0pe", "npu0:1", "npu:0pe1", "npu:1024", "npu:0:0-1024",
          "npu:-1", " cpu", "cpu ", ",", "cpu,", ",cpu", "cpu,,cpu", "cpu;cpu", "cpu\n", "npu:0 npu:1"}) {
        INFO(text);
        CHECK_THROWS_ERRC(DeviceConfig::parse(text), errc::invalid_device_config);
    }
    CHECK_THAT(sentence("cpu(1)x2"), Catch::Contains("'*' is expected at character 7"));
    CHECK_THAT(sentence("npu:0:1-0"), Catch::Contains("a number from 1 to 1023 is expected at character 9"));
    CHECK_THAT(sentence("npu:0, gpu"), Catch::Contains("at character 8"));
    CHECK_THAT(sentence("npu:0;"), Catch::Contains("a comma, or nothing more, is expected at character 6"));
}

TEST_CASE("named devices must not overlap")
{
    CHECK_THAT(sentence("npu:0:0,npu:0:0-1"),
               Catch::Contains("npu:0:0-1 overlaps npu:0:0") && Catch::Contains("character 9"));
    for (const auto* text :
         {"npu:0,npu:0:1", "npu:0:1,npu0", "npu:0,npu:0", "npu:0:0-2,npu:0:2-3", "cpu:0:1,cpu:0:0-1"})
        CHECK_THROWS_ERRC(DeviceConfig::parse(text), errc::invalid_device_config);
    CHECK(sentence("npu:0:0,npu:0:1,npu:1:0-1") == "npu:0:0,npu:0:1,npu:1:0-1");
}

TEST_CASE("the CPU and NPUs are not had in one, and what there is stands alone")
{
    for (const auto* text : {"cpu,npu", "npu:0,cpu:0:0", "warboy*1,cpu", "auto,npu", "cpu*1,auto", "auto,auto"})
        CHECK_THROWS_ERRC(DeviceConfig::parse(text), errc::invalid_device_config);
    CHECK_THAT(sentence("npu:0,cpu"), Catch::Contains("character 7"));
}

TEST_CASE("only one takes what is left")
{
    CHECK_THAT(sentence("npu,warboy"), Catch::Contains("character 11"));
    CHECK(sentence("cpu(2)*1,cpu,cpu:0:0") == "cpu(2)*1,cpu,cpu:0:0");
}

TEST_CASE("however long a text is, it is read or refused at once")
{
    std::string text = "npu:0";
    for (int i = 1; i != 256; ++i)
        text += fmt::format(",npu:{}", i);
    CHECK(DeviceConfig::parse(text).entries().size() == 256);
    CHECK_THROWS_ERRC(DeviceConfig::parse(text + ",npu:256"), errc::invalid_device_config);
    CHECK(sentence(std::string(1'000'000, '(')).size() < 400);
    CHECK(sentence("cpu" + std::string(1'000'000, ' ')).size() < 400);
}

TEST_CASE("whatever is written is read as the same")
{
    std::mt19937 random(1);
    const auto below = [&](unsigned end) { return static_cast<unsigned>(random() % end); };
    int read = 0;
    for (int round = 0; round != 20'000; ++round) {
        std::string text;
        for (unsigned parts = 1 + below(9); parts != 0; --parts)
            text += std::array{"cpu", "npu", "warboy", "auto", ":", "0", "1", "(2)", "*3", "-", "pe", ",", ", ", "npu:0",
                               "npu1pe0-1", "warboy*1"}[below(16)];
        INFO(text);
        try {
            const auto config = DeviceConfig::parse(text);
            CHECK(DeviceConfig::parse(to_string(config)) == config);
            CHECK(to_string(DeviceConfig::parse(to_string(config))) == to_string(config));
            ++read;
        } catch (const Error& error) {
            CHECK(error.code() == errc::invalid_device_config);
        }
    }
    CHECK(read > 1000);
}

TEST_CASE("FURIOSA_DEVICES chooses the device, else NPU_DEVNAME, else it is what there is")
{
    Variables variables;
    CHECK(DeviceConfig::automatic() == DeviceConfig::parse("auto"));
    ::setenv("NPU_DEVNAME", "npu0pe0-1", 1);
    CHECK(DeviceConfig::automatic() == DeviceConfig::parse("npu:0:0-1"));
    ::setenv("FURIOSA_DEVICES", "cpu(2)*1", 1);
    CHECK(DeviceConfig::automatic() == DeviceConfig::parse("cpu(2)*1"));
    ::setenv("FURIOSA_DEVICES", "", 1);
    CHECK(DeviceConfig::automatic() == DeviceConfig::parse("npu:0:0-1"));
    ::setenv("NPU_DEVNAME", "nonsense", 1);
    try {
        DeviceConfig::automatic();
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), Catch::StartsWith("$NPU_DEVNAME"));
    }
}
