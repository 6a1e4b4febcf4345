#include "support/throws_errc.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/device/devices.hpp>

#include <catch2/catch.hpp>

using namespace furiosa;
using device::DeviceConfig;
using device::Devices;

TEST_CASE("sessions that name one configuration share the device")
{
    Context context(1);
    auto& devices = context.use<Devices>();
    const auto device = devices.open(DeviceConfig::parse("cpu(1)*1"));
    CHECK(devices.open(DeviceConfig::parse("cpu*1")) == device);
    CHECK(devices.open(DeviceConfig::parse("cpu(1)*2")) != device);
    CHECK(device->name() == "cpu(1)*1");
    CHECK_THAT(device->target(), Catch::StartsWith("cpu-"));
}

TEST_CASE("a device that is not there is a clear error")
{
    Context context(1);
    CHECK_THROWS_ERRC(context.use<Devices>().open(DeviceConfig::parse("warboy(2)*1")), errc::device_not_found);
    CHECK_THROWS_ERRC(context.use<Devices>().open(DeviceConfig::parse("npu*1")), errc::device_not_found);
}

TEST_CASE("a device of absurdly many threads is refused")
{
    Context context(1);
    CHECK_THROWS_ERRC(context.use<Devices>().open(DeviceConfig::parse("cpu(1024)*1024")), errc::invalid_device_config);
}
