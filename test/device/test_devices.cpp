#include "device/npu_tree.hpp"
#include "support/thread_niceness.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/device/devices.hpp>

#include <catch2/catch.hpp>

using namespace furiosa;
using device::DeviceConfig;
using device::Devices;

namespace {

constexpr auto nobodys_library = "libnux-that-nobody-has.so";

}

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
    test::NpuTree tree;
    Context context(1);
    auto& devices = context.emplace<Devices>(tree.roots(), nobodys_library);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("warboy(2)*1")), errc::device_not_found);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("npu:0")), errc::device_not_found);
}

TEST_CASE("an NPU that others have is busy, and one that is free waits for its driver")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    tree.failures = {{"npu0pe0", std::errc::device_or_resource_busy}};
    Context context(1);
    auto& devices = context.emplace<Devices>(tree.roots(), nobodys_library);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("npu0pe0")), errc::device_busy);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("warboy(2)*1")), errc::device_busy);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("npu:0:2")), errc::device_not_found);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("npu:0:1")), errc::not_supported);
}

TEST_CASE("an NPU that is no Warboy is not taken for one")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    tree.set(0, "device_type", "Renegade");
    Context context(1);
    auto& devices = context.emplace<Devices>(tree.roots(), nobodys_library);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("npu:0:1")), errc::not_supported);
    CHECK(devices.open(DeviceConfig())->name() == "cpu");
}

TEST_CASE("a card that is not alive is as none")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    tree.set(0, "alive", "0");
    Context context(1);
    CHECK_THROWS_ERRC(context.emplace<Devices>(tree.roots(), nobodys_library).open(DeviceConfig::parse("npu:0")), errc::device_not_found);
}

TEST_CASE("a device of absurdly many threads is refused")
{
    Context context(1);
    auto& devices = context.use<Devices>();
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("cpu(1024)*1024")), errc::invalid_device_config);
    CHECK_THROWS_ERRC(devices.open(DeviceConfig::parse("cpu(1)*1024,cpu*1")), errc::invalid_device_config);
}

TEST_CASE("where no NPU can be worked with, it is the CPU, and the same one each time")
{
    test::NpuTree tree;
    if (GENERATE(false, true))
        tree.add_warboy(0);
    Context context(1);
    auto& devices = context.emplace<Devices>(tree.roots(), nobodys_library);
    const auto device = devices.open(DeviceConfig());
    CHECK(device->name() == "cpu");
    CHECK(devices.open(DeviceConfig()) == device);
    CHECK(devices.open(DeviceConfig::parse("cpu")) == device);
    CHECK(devices.open(DeviceConfig().with_open_count(2))->name() == "cpu(1)*2");
}

TEST_CASE("the threads of the CPU device do not stand back, though a worker opens it")
{
    Context context(1);
    const auto open = [&] { return context.use<Devices>().open(DeviceConfig::parse("cpu(2)*2")); };
    const auto device = run_until_complete(context.offload(open));
    CHECK(test::niceness_of_threads("furiosa-pe", 2) == std::set{::getpriority(PRIO_PROCESS, 0)});
}
