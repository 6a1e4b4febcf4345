#pragma once

#include <furiosa/core/async_call.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/device/device_family.hpp>
#include <furiosa/device/npu/discover.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace furiosa::device {

/// A device of this machine.
struct DeviceInfo
{
    DeviceFamily family = DeviceFamily::cpu;
    /// What DeviceConfig takes for it: "cpu", "npu:0".
    std::string name;
    /// Processing elements that it has, or is divided into unless the notation says otherwise.
    unsigned elements = 0;
    /// Threads of the host that may work on inferences.
    unsigned threads = 0;
    /// What programs for it are compiled for: "cpu-avx512"; of an NPU, for all of the card. Empty: nobody knows.
    std::string target;
    /// What the CPU computes with, in words: "AVX-512 with VNNI".
    std::string instruction_set;
    /// Of an NPU: what it is, and which of its files are free.
    std::optional<npu::Card> card;
};

struct ListOptions
{
    // Not an aggregate: g++ 12 destroys one twice that is made with braces in the arguments of a co_await.
    ListOptions() = default;
    ListOptions(npu::Roots places) : roots(std::move(places)) {}

    /// Where NPUs are looked for.
    npu::Roots roots;
    /// Null: Context::shared().
    Context* context = nullptr;
};

namespace detail {

boost::asio::awaitable<std::vector<DeviceInfo>> do_list_devices(ListOptions options);

inline Context& context_of(const ListOptions& options)
{
    return options.context ? *options.context : Context::shared();
}

} // namespace detail

/// The devices that sessions may be created on: the CPU first, then the NPUs in the order of their numbers.
///
/// Signature
///   void(std::exception_ptr, std::vector<DeviceInfo>)
/// Executor
///   The handler runs on its associated executor, else on `executor`. Files are read, and NPUs opened for a moment to
///   see which are free, on a worker.
/// Errors
///   None of its own: what cannot be read about a device is left empty.
/// Cancellation
///   Has no effect: it takes milliseconds.
template <class Token>
auto async_list_devices(boost::asio::any_io_executor executor, ListOptions options, Token&& token)
{
    auto& context = detail::context_of(options);
    return furiosa::detail::async_call<std::vector<DeviceInfo>>(
        context.io_executor(), executor,
        [options = std::move(options)] { return detail::do_list_devices(options); }, std::forward<Token>(token));
}

/// The same for a coroutine on any executor.
boost::asio::awaitable<std::vector<DeviceInfo>> list_devices(ListOptions options = {});

} // namespace furiosa::device

namespace furiosa::blocking {

/// list_devices for programs without an event loop: blocks the calling thread. Throws errc::would_deadlock when
/// that thread runs a loop of this library.
inline std::vector<device::DeviceInfo> list_devices(device::ListOptions options = {})
{
    return run_until_complete(device::list_devices(std::move(options)));
}

} // namespace furiosa::blocking
