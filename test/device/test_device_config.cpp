#include "support/throws_errc.hpp"

#include <furiosa/device/device_config.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace furiosa;
using device::DeviceConfig;
using device::DeviceFamily;
using device::DeviceRequest;

TEST_CASE("the vendor's notation says how many elements work together, and how many of these there are")
{
    CHECK(DeviceConfig::parse("cpu").request() == DeviceRequest{DeviceFamily::cpu, 1, 0});
    CHECK(DeviceConfig::parse("cpu(1)*2").request() == DeviceRequest{DeviceFamily::cpu, 1, 2});
    CHECK(DeviceConfig::parse("cpu(2)*1").request() == DeviceRequest{DeviceFamily::cpu, 2, 1});
    CHECK(DeviceConfig::parse("cpu*3").request() == DeviceRequest{DeviceFamily::cpu, 1, 3});
    CHECK(DeviceConfig::parse("warboy(2)*1").request() == DeviceRequest{DeviceFamily::warboy, 2, 1});
}

TEST_CASE("a configuration is written in full")
{
    CHECK(to_string(DeviceConfig::parse("cpu*3")) == "cpu(1)*3");
    CHECK(to_string(DeviceConfig::parse("cpu")) == "cpu");
    CHECK(DeviceConfig::parse(to_string(DeviceConfig::parse("warboy(2)*4"))) == DeviceConfig::parse("warboy(2)*4"));
}

TEST_CASE("a notation that is wrong is refused, with the place")
{
    for (const auto* text : {"", "gpu", "cpu(", "cpu(1", "cpu(1)", "cpu(1)*", "cpu(0)*1", "cpu(1)*0", "cpu*-1", "cpu(1)*2x",
                             "cpu(99999999999)*1", "cpu (1)*2", "CPU", "cpu*2000"}) {
        INFO(text);
        CHECK_THROWS_ERRC(DeviceConfig::parse(text), errc::invalid_device_config);
    }
    try {
        DeviceConfig::parse("cpu(1)x2");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), Catch::Contains("character 7"));
    }
}

TEST_CASE("FURIOSA_DEVICES chooses the device, else it is the CPU")
{
    ::setenv("FURIOSA_DEVICES", "cpu(2)*1", 1);
    CHECK(DeviceConfig::automatic() == DeviceConfig::parse("cpu(2)*1"));
    ::setenv("FURIOSA_DEVICES", "", 1);
    CHECK(DeviceConfig::automatic() == DeviceConfig::parse("cpu"));
    ::unsetenv("FURIOSA_DEVICES");
    CHECK(DeviceConfig::automatic() == DeviceConfig::parse("cpu"));
}
