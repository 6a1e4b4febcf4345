#include "device/convolution_program.hpp"
#include "device/cpu/element.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/device/device_queue.hpp>
#include <furiosa/device/devices.hpp>

#include <boost/asio/system_context.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sched.h>
#include <set>

extern "C" void omp_set_num_threads(int threads);

using namespace furiosa;

namespace {

#if defined(__linux__) && !defined(FURIOSA_SANITIZED)
/// The threads of this process, by their ids.
std::set<std::string> threads()
{
    std::set<std::string> ids;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
        ids.insert(entry.path().filename());
    return ids;
}

/// The processors that a thread may run on.
std::vector<unsigned> processors_of(const std::string& thread)
{
    cpu_set_t set;
    REQUIRE(::sched_getaffinity(std::stoi(thread), sizeof set, &set) == 0);
    std::vector<unsigned> processors;
    for (unsigned number = 0; number != CPU_SETSIZE; ++number)
        if (CPU_ISSET(number, &set))
            processors.push_back(number);
    return processors;
}

/// Where the threads may run that a device has added once it has run something on each of its elements.
std::vector<std::vector<unsigned>> threads_of(const std::string& config)
{
    Context context(1);
    static_cast<void>(boost::asio::system_executor().context()); // futures complete on it; its threads are not ours
    const auto before = threads();
    device::DeviceQueue queue(context.io_executor(), context.use<device::Devices>().open(device::DeviceConfig::parse(config)));
    const auto program = program::Program::open(serialize(test::convolution_content("winograd4")));
    const auto loaded = queue.async_load(program, boost::asio::use_future).get();
    struct Run
    {
        Tensor x{DataType::float32, {1, 16, 8, 8}};
        Tensor y{DataType::float32, {1, 16, 8, 8}};
        std::array<boost::asio::const_buffer, 1> inputs{boost::asio::const_buffer(x.data(), x.size_in_bytes())};
        std::array<boost::asio::mutable_buffer, 1> outputs{boost::asio::mutable_buffer(y.data(), y.size_in_bytes())};
        std::future<void> done;
    };
    std::vector<Run> runs(64);
    for (auto& run : runs) {
        std::ranges::fill(run.x.as<float>(), 0.0f); // what comes out is the bias
        run.done = queue.async_submit(loaded, run.inputs, run.outputs, boost::asio::use_future);
    }
    for (auto& run : runs) {
        run.done.get();
        CHECK(run.y.as<float>()[0] == 0.25f);
    }
    std::vector<std::vector<unsigned>> added;
    for (const auto& id : threads())
        if (!before.contains(id))
            added.push_back(processors_of(id));
    return added;
}
#endif

} // namespace

#if defined(__linux__) && !defined(FURIOSA_SANITIZED)
TEST_CASE("two elements of one thread are two threads, and one of two threads is two, whatever OpenMP's default is")
{
    if (!device::cpu::has_winograd())
        return;
    omp_set_num_threads(7);
    CHECK(threads_of("cpu(1)*2").size() == 2);
    CHECK(threads_of("cpu(2)*1").size() == 2);
    CHECK(threads_of("cpu(1)*1").size() == 1);
    CHECK(threads_of("cpu(1)*1,cpu(2)*1").size() == 3);
}

TEST_CASE("the threads of an element that is named stay on its processors, and no others do")
{
    if (!device::cpu::has_winograd())
        return;
    const auto usable = device::cpu::usable_processors();
    const std::vector last{usable.back()};
    CHECK(threads_of(fmt::format("cpu:0:{}", usable.back())) == std::vector(1, last));
    CHECK(threads_of("cpu:0") == std::vector(usable.size(), usable));
    const auto mixed = threads_of(fmt::format("cpu(2)*1,cpu:0:{}", usable.back()));
    CHECK(std::ranges::count(mixed, last) >= 1);
    CHECK(std::ranges::count(mixed, usable) >= 2);
}
#endif
