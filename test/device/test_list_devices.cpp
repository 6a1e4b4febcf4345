#include "device/npu_tree.hpp"

#include <furiosa/device.hpp>

#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace furiosa;
namespace fs = std::filesystem;

TEST_CASE("the devices of a machine are awaited, on a worker, and the CPU is the first of them")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    Context context(1);
    device::ListOptions options(tree.roots());
    options.context = &context;
    std::atomic<bool> elsewhere = true;
    const auto here = std::this_thread::get_id();
    options.roots.probe = [&](const fs::path&) -> std::error_code {
        elsewhere = elsewhere && std::this_thread::get_id() != here;
        return {};
    };
    const auto check = [&](const std::vector<DeviceInfo>& devices) {
        REQUIRE_FALSE(devices.empty());
        const auto& npu = devices.back();
        CHECK(npu.name == "npu:0");
        CHECK(npu.family == device::DeviceFamily::warboy);
        CHECK(npu.elements == 2);
        CHECK(npu.target == "warboy-2pe");
        REQUIRE(npu.card);
        CHECK(npu.card->firmware == "1.6.0, c1bebfd");
        if (devices.size() == 2)
            CHECK(devices.front().name == "cpu");
    };
    check(run_until_complete(list_devices(options)));
    check(blocking::list_devices(options));
    check(async_list_devices(context.io_executor(), options, boost::asio::use_future).get());
    CHECK(elsewhere);
}

TEST_CASE("whoever looks for devices does not see those of another who looks as occupied")
{
    test::NpuTree tree;
    tree.add_warboy(0);
    auto roots = tree.roots();
    std::atomic<int> at_once = 0;
    std::atomic<bool> apart = true;
    roots.probe = [&](const fs::path&) -> std::error_code {
        if (++at_once != 1)
            apart = false;
        std::this_thread::yield();
        --at_once;
        return {};
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round != 20; ++round)
                    device::npu::discover(roots);
            });
    }
    CHECK(apart);
}
