#include "device/cpu/cpu_driver.hpp"
#include "device/cpu/element.hpp"
#include "support/address_space_limit.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace furiosa;
using device::DeviceConfig;
using device::cpu::CpuDriver;
using device::cpu::Element;
using device::cpu::elements_of;
using device::cpu::StayOn;
using device::cpu::usable_processors;

namespace {

/// "1 2:0,1": an element of one thread, and one of two on processors 0 and 1.
std::string elements(const char* config, const std::vector<unsigned>& processors)
{
    std::string text;
    for (const auto& element : elements_of(DeviceConfig::parse(config), processors)) {
        text += fmt::format("{}{}", text.empty() ? "" : " ", element.threads);
        for (const auto& number : element.processors)
            text += fmt::format("{}{}", &number == &element.processors.front() ? ":" : ",", number);
    }
    return text;
}

} // namespace

TEST_CASE("the CPU is divided as the notation says")
{
    const std::vector<unsigned> processors{0, 1, 2, 3};
    CHECK(elements("cpu", processors) == "1 1 1 1");
    CHECK(elements("cpu(2)*1", processors) == "2");
    CHECK(elements("cpu(1)*2,cpu(2)*1", processors) == "1 1 2");
    CHECK(elements("cpu(3)*2", processors) == "3 3"); // more threads than processors
    CHECK(elements("cpu:0:1", processors) == "1:1");
    CHECK(elements("cpu:0:0-1,cpu:0:3", processors) == "2:0,1 1:3");
    CHECK(elements("cpu:0", processors) == "4:0,1,2,3");
}

TEST_CASE("who leaves the number open takes what the others leave, and one at least")
{
    const std::vector<unsigned> processors{0, 1, 2, 3};
    CHECK(elements("cpu,cpu:0:0", processors) == "1:0 1 1 1");
    CHECK(elements("cpu,cpu(2)*1", processors) == "2 1 1");
    CHECK(elements("cpu,cpu(2)*3", processors) == "2 2 2 1");
}

TEST_CASE("processors that are not there are not found")
{
    const std::vector<unsigned> processors{0, 2};
    CHECK_THROWS_ERRC(elements("cpu:1", processors), errc::device_not_found);
    CHECK_THROWS_ERRC(elements("cpu:0:1", processors), errc::device_not_found);
    CHECK_THROWS_ERRC(elements("cpu:0:0-2", processors), errc::device_not_found);
    CHECK(elements("cpu:0:2", processors) == "1:2");
}

TEST_CASE("a thread stays on its processors, with those that it starts, and is free afterwards")
{
    const auto before = usable_processors();
    const std::vector last{before.back()};
    {
        const StayOn stay(last);
        CHECK(usable_processors() == last);
        std::vector<unsigned> of_helper;
        std::jthread([&] { of_helper = usable_processors(); }).join();
        CHECK(of_helper == last);
        const StayOn nowhere({});
        CHECK(usable_processors() == last);
    }
    CHECK(usable_processors() == before);
}

#ifndef FURIOSA_SANITIZED // which take address space themselves
TEST_CASE("a CPU device whose threads cannot all be started is an error, and waits for none of them")
{
    const test::AddressSpaceLimit limit(256 << 20);
    const std::vector<Element> elements(1000, Element{1, {}});
    CHECK_THROWS_ERRC(CpuDriver(elements), errc::out_of_memory);
}
#endif
