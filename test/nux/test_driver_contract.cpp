// What every driver owes its queue, whatever stands behind it: the same scenarios on the CPU, on the stand-in for the
// vendor's runtime, and on the device that tests hold and let go.

#include "device/cpu/cpu_driver.hpp"
#include "device/warboy/warboy_driver.hpp"
#include "nux/nux_fixture.hpp"
#include "support/test_driver.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/device/device_queue.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

using namespace furiosa;
namespace asio = boost::asio;

namespace {

SharedBytes doubling_model()
{
    const auto model = test::NuxFixture::doubling();
    const auto bytes = std::as_bytes(std::span(model));
    return SharedBytes::own({bytes.begin(), bytes.end()});
}

/// Keeps processing elements between their work and their answer.
class Gate final : public device::OperatorTrace
{
public:
    void record(std::size_t, std::span<const device::OperatorSpan>) noexcept override
    {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !closed_; });
    }
    void set_closed(bool closed)
    {
        std::lock_guard lock(mutex_);
        closed_ = closed;
        changed_.notify_all();
    }
    void wait_for(std::size_t count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return arrived_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t arrived_ = 0;
    bool closed_ = false;
};

/// One element of one thread.
struct Cpu
{
    static constexpr float factor = 2;

    std::unique_ptr<device::Driver> make_driver()
    {
        return std::make_unique<device::cpu::CpuDriver>(std::vector<device::cpu::Element>{{1, {}}});
    }
    template <class Token>
    auto load(device::DeviceQueue& queue, Token token)
    {
        compiler::CompileOptions options;
        options.target = device::cpu::target();
        options.tune = false;
        return queue.async_load(compiler::compile(doubling_model(), options), gate, token);
    }
    void hold() { gate->set_closed(true); }
    void let_go() { gate->set_closed(false); }
    void wait_for_started(std::size_t count) { gate->wait_for(count); }

    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
};

/// One element of a Warboy.
struct StandIn
{
    static constexpr float factor = 2;

    std::unique_ptr<device::Driver> make_driver()
    {
        device::npu::DeviceFile element;
        element.device = {device::DeviceFamily::npu, 0, device::ElementRange{0, 0}};
        return std::make_unique<device::warboy::WarboyDriver>(
            device::warboy::NuxLibrary::open(test::NuxStandIn::path), element);
    }
    template <class Token>
    auto load(device::DeviceQueue& queue, Token token)
    {
        device::ModelImage image;
        image.bytes = doubling_model();
        image.name = "doubling";
        return queue.async_load(std::move(image), token);
    }
    void hold() { fixture.nux.nux_stand_in_hold(); }
    void let_go() { fixture.nux.nux_stand_in_let_go(); }
    void wait_for_started(std::size_t count) { fixture.nux.nux_stand_in_wait_for_started(count); }

    test::NuxFixture fixture;
};

/// The device of tests, which copies.
struct Fault
{
    static constexpr float factor = 1;

    std::unique_ptr<device::Driver> make_driver() { return hardware->make_driver(); }
    template <class Token>
    auto load(device::DeviceQueue& queue, Token token)
    {
        return queue.async_load(test::copy_program(4), token);
    }
    void hold() { hardware->hold(); }
    void let_go() { hardware->let_go(); }
    void wait_for_started(std::size_t count) { hardware->wait_for_started(count); }

    std::shared_ptr<test::TestDevice> hardware = test::TestDevice::make(2);
};

/// Another driver, whose runs are counted when they are given to it.
class CountedDriver final : public device::Driver
{
public:
    CountedDriver(std::unique_ptr<device::Driver> driver, std::atomic<std::size_t>& given)
        : driver_(std::move(driver)), given_(given)
    {
    }
    std::string target() const override { return driver_->target(); }
    std::size_t capacity() const noexcept override { return driver_->capacity(); }
    std::unique_ptr<device::Executable> load(const program::Program& program) override { return driver_->load(program); }
    bool takes_models() const noexcept override { return driver_->takes_models(); }
    std::unique_ptr<device::Executable> load(const device::ModelImage& image) override { return driver_->load(image); }
    void start(device::Run& run) noexcept override
    {
        ++given_;
        driver_->start(run);
    }

private:
    const std::unique_ptr<device::Driver> driver_;
    std::atomic<std::size_t>& given_;
};

/// One run: its tensors, and how it ended.
struct Answer
{
    std::array<asio::const_buffer, 1> inputs() const { return {asio::const_buffer(in.data(), sizeof in)}; }
    std::array<asio::mutable_buffer, 1> outputs() { return {asio::mutable_buffer(out.data(), sizeof out)}; }

    std::array<float, 4> in{};
    std::array<float, 4> out{};
    unsigned completions = 0;
    std::exception_ptr failure;
};

template <class Hardware>
struct Contract
{
    std::unique_ptr<device::DeviceQueue> make_queue()
    {
        return std::make_unique<device::DeviceQueue>(loop.get_executor(), device);
    }
    device::LoadedProgram load()
    {
        return hardware.load(*queue, asio::bind_executor(context.io_executor(), asio::use_future)).get();
    }
    std::size_t capacity() const { return device->capacity(); }

    std::vector<Answer> answers(std::size_t count)
    {
        std::vector<Answer> made(count);
        for (std::size_t i = 0; i != count; ++i)
            made[i].in.fill(static_cast<float>(i + 1));
        return made;
    }
    bool is_right(const Answer& answer) const
    {
        return answer.completions == 1 && !answer.failure && answer.out[3] == Hardware::factor * answer.in[3];
    }
    auto note(Answer& answer)
    {
        return [&answer](std::exception_ptr failure) {
            ++answer.completions;
            answer.failure = failure;
        };
    }
    template <class Token>
    void submit(Answer& answer, Token&& token)
    {
        queue->async_submit(program, answer.inputs(), answer.outputs(), std::forward<Token>(token));
    }
    void submit(std::vector<Answer>& answers)
    {
        for (auto& answer : answers)
            submit(answer, note(answer));
    }
    void run()
    {
        loop.restart();
        loop.run();
    }
    bool still_answers()
    {
        auto next = answers(1);
        submit(next);
        run();
        return is_right(next[0]);
    }

    Hardware hardware; // sees at the end whether anything was left in it
    Context context{1};
    asio::io_context loop;
    std::atomic<std::size_t> given = 0;
    std::shared_ptr<device::Device> device =
        std::make_shared<device::Device>(context, "contract", std::make_unique<CountedDriver>(hardware.make_driver(), given));
    std::unique_ptr<device::DeviceQueue> queue = make_queue();
    device::LoadedProgram program = load();
};

std::size_t completed(const std::vector<Answer>& answers)
{
    return static_cast<std::size_t>(std::ranges::count_if(answers, [](const Answer& a) { return a.completions != 0; }));
}

using Strand = asio::strand<asio::io_context::executor_type>;

/// How many answers were wrong, or came elsewhere than on the strand.
template <class Hardware>
asio::awaitable<unsigned> ask(Contract<Hardware>& f, Strand strand, unsigned first, unsigned count)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i != count; ++i) {
        Answer answer;
        answer.in.fill(static_cast<float>(first + i));
        const auto inputs = answer.inputs();
        const auto outputs = answer.outputs();
        co_await f.queue->async_submit(f.program, inputs, outputs, asio::use_awaitable);
        answer.completions = 1;
        wrong += !f.is_right(answer) || !strand.running_in_this_thread();
    }
    co_return wrong;
}

} // namespace

TEMPLATE_TEST_CASE("the runs of a queue are answered in the order in which they came", "", Cpu, StandIn, Fault)
{
    Contract<TestType> f;
    auto answers = f.answers(40);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i != answers.size(); ++i)
        f.submit(answers[i], [&, i](std::exception_ptr failure) {
            order.push_back(i);
            f.note(answers[i])(failure);
        });
    CHECK(order.empty()); // never inside the initiating call
    f.run();
    std::vector<std::size_t> expected(answers.size());
    std::iota(expected.begin(), expected.end(), 0u);
    CHECK(order == expected);
    CHECK(std::ranges::all_of(answers, [&](const Answer& answer) { return f.is_right(answer); }));
}

TEMPLATE_TEST_CASE("a device is given as many runs as it takes, the others wait", "", Cpu, StandIn, Fault)
{
    Contract<TestType> f;
    f.hardware.hold();
    auto answers = f.answers(50);
    f.submit(answers);
    f.hardware.wait_for_started(1);
    f.loop.poll();
    CHECK(f.given == f.capacity());
    CHECK(completed(answers) == 0);
    f.hardware.let_go();
    f.run();
    CHECK(f.given == answers.size());
    CHECK(std::ranges::all_of(answers, [&](const Answer& answer) { return f.is_right(answer); }));
}

TEMPLATE_TEST_CASE("a run that is cancelled while it waits ends at once, and the device never sees it", "", Cpu, StandIn, Fault)
{
    Contract<TestType> f;
    f.hardware.hold();
    auto before = f.answers(f.capacity());
    auto after = f.answers(3);
    Answer victim;
    asio::cancellation_signal stop;
    f.submit(before);
    f.submit(victim, asio::bind_cancellation_slot(stop.slot(), f.note(victim)));
    f.submit(after);
    stop.emit(asio::cancellation_type::total);
    f.loop.poll();
    CHECK(victim.completions == 1);
    CHECK(code_of(victim.failure) == errc::cancelled);
    CHECK(completed(before) == 0);
    f.hardware.let_go();
    f.run();
    CHECK(f.given == before.size() + after.size());
    CHECK(std::ranges::all_of(before, [&](const Answer& answer) { return f.is_right(answer); }));
    CHECK(std::ranges::all_of(after, [&](const Answer& answer) { return f.is_right(answer); }));
    CHECK(victim.completions == 1);
}

TEMPLATE_TEST_CASE("a run that is cancelled under way ends when the device lets go of it", "", Cpu, StandIn, Fault)
{
    Contract<TestType> f;
    f.hardware.hold();
    auto answers = f.answers(1);
    asio::cancellation_signal stop;
    f.submit(answers[0], asio::bind_cancellation_slot(stop.slot(), f.note(answers[0])));
    f.hardware.wait_for_started(1);
    stop.emit(asio::cancellation_type::terminal);
    f.loop.poll();
    CHECK(completed(answers) == 0);
    f.hardware.let_go();
    f.run();
    CHECK(answers[0].completions == 1);
    CHECK(code_of(answers[0].failure) == errc::cancelled);
    CHECK(f.still_answers());
}

TEMPLATE_TEST_CASE("a queue that closes with work in flight ends each run once, and the device stays good", "", Cpu, StandIn, Fault)
{
    Contract<TestType> f;
    f.hardware.hold();
    auto answers = f.answers(20);
    f.submit(answers);
    f.hardware.wait_for_started(1);
    f.queue.reset();
    f.loop.poll();
    CHECK(completed(answers) == answers.size() - f.capacity());
    f.hardware.let_go();
    f.run();
    for (const auto& answer : answers) {
        CHECK(answer.completions == 1);
        CHECK(code_of(answer.failure) == errc::queue_closed);
    }
    f.queue = f.make_queue();
    CHECK(f.still_answers());
}

TEST_CASE("a device that closes gets back what a runtime that answers no more has of it")
{
    Contract<StandIn> f;
    device::QueueLimits one_by_one; // so that the runtime is given nothing more, which it would answer
    one_by_one.running = 1;
    f.queue = std::make_unique<device::DeviceQueue>(f.loop.get_executor(), f.device, one_by_one);
    f.hardware.hold();
    auto answers = f.answers(20);
    f.submit(answers);
    f.hardware.wait_for_started(1);
    REQUIRE(f.hardware.fixture.nux.nux_stand_in_fall_silent("npu:0:0") == 0);
    SECTION("of a queue that is there") {}
    SECTION("of a queue that is gone") { f.queue.reset(); }
    f.device->close();
    f.run();
    for (const auto& answer : answers) {
        CHECK(answer.completions == 1);
        CHECK(code_of(answer.failure) == errc::queue_closed);
    }
}

TEMPLATE_TEST_CASE("a completion comes on the executor of its handler, else on that of the queue", "", Cpu, StandIn, Fault)
{
    Contract<TestType> f;
    asio::io_context other;
    auto answers = f.answers(2);
    f.submit(answers[0], asio::bind_executor(other, f.note(answers[0])));
    f.submit(answers[1], f.note(answers[1]));
    f.run();
    CHECK(answers[0].completions == 0);
    CHECK(f.is_right(answers[1]));
    other.run();
    CHECK(f.is_right(answers[0]));
}

TEMPLATE_TEST_CASE("ten thousand runs from eight coroutines on two threads are answered, each with its own", "", Cpu, StandIn, Fault)
{
    constexpr unsigned coroutines = 8;
    constexpr unsigned runs_of_each = 1250;
    Contract<TestType> f;
    std::atomic<unsigned> ended = 0;
    std::atomic<unsigned> wrong = 0;
    for (unsigned i = 0; i != coroutines; ++i) {
        const auto strand = asio::make_strand(f.loop);
        asio::co_spawn(strand, ask(f, strand, i * runs_of_each, runs_of_each), [&](std::exception_ptr failure, unsigned count) {
            ++ended;
            wrong += failure ? 1 : count;
        });
    }
    {
        std::jthread second([&] { f.loop.run(); });
        f.loop.run();
    }
    CHECK(ended == coroutines);
    CHECK(wrong == 0);
    CHECK(f.given == coroutines * runs_of_each);
}
