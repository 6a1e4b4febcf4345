#include <furiosa/device/device_queue.hpp>

#include <furiosa/core/error.hpp>

#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <future>
#include <thread>
#include <vector>

namespace furiosa::device {

namespace asio = boost::asio;

namespace {

template <class Buffer>
std::exception_ptr check(std::string_view what, std::span<const Buffer> buffers, std::span<const TensorDesc> descs)
{
    if (buffers.size() != descs.size())
        return std::make_exception_ptr(Error(errc::wrong_tensor_count,
                                             fmt::format("{} {} buffers were submitted, but the program has {}",
                                                         buffers.size(), what, descs.size())));
    for (std::size_t i = 0; i != descs.size(); ++i)
        if (buffers[i].size() != descs[i].size_in_bytes())
            return std::make_exception_ptr(
                Error(errc::wrong_shape, fmt::format("{} buffer {} has {} bytes, but the program's has {}", what, i,
                                                     buffers[i].size(), descs[i].size_in_bytes())));
    return nullptr;
}

/// On all at once: a runtime may compile for minutes. Threads that this starts answer runs.
template <class What>
std::shared_ptr<detail::Loaded> load_on_each(const std::shared_ptr<Device>& device, const What& what)
{
    auto loaded = std::make_shared<detail::Loaded>();
    loaded->device = device;
    std::deque<std::packaged_task<std::unique_ptr<Executable>()>> loads;
    {
        std::vector<std::jthread> threads;
        for (const auto& member : device->members()) {
            auto& load = loads.emplace_back([&member, &what] { return member.driver->load(what); });
            threads.push_back(device->context().start_thread(std::ref(load)));
        }
    }
    for (auto& load : loads)
        loaded->executables.push_back(load.get_future().get());
    return loaded;
}

} // namespace

DeviceQueue::DeviceQueue(executor_type executor, std::shared_ptr<Device> device, const QueueLimits& limits)
    : executor_(std::move(executor)), gate_(&furiosa::detail::PostGate::of(executor_)), device_(std::move(device)),
      lane_(device_->open_lane(limits))
{
}

DeviceQueue& DeviceQueue::operator=(DeviceQueue&& other) noexcept
{
    DeviceQueue old(std::move(*this));
    executor_ = std::move(other.executor_);
    gate_ = other.gate_;
    device_ = std::move(other.device_);
    lane_ = std::move(other.lane_);
    return *this;
}

DeviceQueue::~DeviceQueue()
{
    if (!lane_)
        return; // moved from
    device_->close_lane(*lane_, nullptr);
    device_->remove_lane(*lane_);
}

void DeviceQueue::cancel() noexcept
{
    device_->cancel_all(*lane_);
}

void DeviceQueue::close(std::exception_ptr reason) noexcept
{
    device_->close_lane(*lane_, std::move(reason));
}

asio::awaitable<LoadedProgram> DeviceQueue::load(std::shared_ptr<Device> device, program::Program program,
                                                 std::shared_ptr<OperatorTrace> trace)
{
    co_return co_await device->context().offload([&device, &program, &trace] {
        auto loaded = load_on_each(device, program);
        if (trace)
            for (const auto& executable : loaded->executables)
                executable->trace_to(trace);
        loaded->inputs = program.inputs();
        loaded->outputs = program.outputs();
        return LoadedProgram(std::move(loaded));
    });
}

asio::awaitable<LoadedProgram> DeviceQueue::load_model(std::shared_ptr<Device> device, ModelImage image)
{
    co_return co_await device->context().offload([&device, &image] {
        auto loaded = load_on_each(device, image);
        loaded->inputs = loaded->executables.front()->inputs();
        loaded->outputs = loaded->executables.front()->outputs();
        return LoadedProgram(std::move(loaded));
    });
}

asio::awaitable<QueuePlace> DeviceQueue::reserve()
{
    if (!lane_->limits_places())
        co_return QueuePlace();
    auto device = device_; // the queue may be gone when the place comes
    auto lane = lane_;
    Reserve initiation{this};
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(initiation,
                                                                                          asio::use_awaitable);
    QueuePlace place(std::move(device), std::move(lane));
    // The device had given it when the cancellation came: too late for the queue, not for who waits.
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
        throw Error(errc::cancelled, "the wait for a place in the queue was cancelled");
    co_return place;
}

void DeviceQueue::submit_reservation(detail::Operation& operation) noexcept
{
    operation.device = device_;
    operation.lane = lane_;
    operation.is_reservation = true;
    device_->submit(operation);
}

void DeviceQueue::submit(detail::Operation& operation, const LoadedProgram& program) noexcept
{
    const auto& loaded = program.loaded_;
    std::exception_ptr wrong;
    if (!loaded || loaded->device != device_)
        wrong = std::make_exception_ptr(
            Error(errc::invalid_argument, "the submitted program was not loaded by a queue of this device"));
    else if (!(wrong = check("input", operation.inputs(), std::span<const TensorDesc>(loaded->inputs))))
        wrong = check("output", std::span<const asio::mutable_buffer>(operation.outputs()), loaded->outputs);
    operation.device = device_;
    operation.lane = lane_;
    if (wrong) {
        device_->reject(operation, wrong);
        return;
    }
    operation.loaded = loaded;
    device_->submit(operation);
}

} // namespace furiosa::device
