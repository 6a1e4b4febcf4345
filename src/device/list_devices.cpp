#include <furiosa/device/list_devices.hpp>

#ifdef FURIOSA_WITH_CPU
#include "device/cpu/element.hpp"
#include "device/cpu/instruction_set.hpp"

#include <furiosa/device/cpu/executor.hpp>
#endif

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace furiosa::device {

namespace asio = boost::asio;

namespace {

#ifdef FURIOSA_WITH_CPU
DeviceInfo cpu_info()
{
    DeviceInfo info;
    info.name = "cpu";
    info.elements = info.threads = static_cast<unsigned>(cpu::usable_processors().size());
    info.target = cpu::target();
    info.instruction_set = cpu::instruction_set();
    return info;
}
#endif

DeviceInfo npu_info(npu::Card card)
{
    DeviceInfo info;
    info.family = card.family();
    info.name = to_string(card.device);
    info.elements = card.element_count();
    if (info.family == DeviceFamily::warboy)
        info.target = npu::warboy_target(card.device);
    info.card = std::move(card);
    return info;
}

std::vector<DeviceInfo> find_devices(const npu::Roots& roots)
{
    std::vector<DeviceInfo> devices;
#ifdef FURIOSA_WITH_CPU
    devices.push_back(cpu_info());
#endif
    for (auto& card : npu::discover(roots))
        devices.push_back(npu_info(std::move(card)));
    return devices;
}

} // namespace

asio::awaitable<std::vector<DeviceInfo>> detail::do_list_devices(ListOptions options)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    auto find = [&] { return find_devices(options.roots); };
    co_return co_await context_of(options).offload(std::move(find));
}

asio::awaitable<std::vector<DeviceInfo>> list_devices(ListOptions options)
{
    co_return co_await async_list_devices(co_await asio::this_coro::executor, std::move(options), asio::use_awaitable);
}

} // namespace furiosa::device
