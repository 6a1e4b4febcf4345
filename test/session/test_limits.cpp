#include "session/session_factory.hpp"
#include "session/session_fixture.hpp"
#include "support/test_driver.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;

namespace {

constexpr std::size_t capacity = 4;

/// A session on a device that the test steers.
struct Fixture
{
    explicit Fixture(const SessionOptions& options)
    {
        auto making = session::SessionFactory::make(
            loop.get_executor(), std::make_shared<device::Device>(context, "test", hardware->make_driver()),
            test::copy_program(), "copy", options);
        session = asio::co_spawn(context.io_executor(), std::move(making), asio::use_future).get();
        hardware->hold();
    }

    /// Begins a run that copies `value`.
    void start(int value)
    {
        asio::co_spawn(loop, copy(session, value), [this](std::exception_ptr failure, int copied) {
            failures.push_back(code_of(failure));
            copies.push_back(copied);
        });
        poll();
    }

    static asio::awaitable<int> copy(Session& session, int value)
    {
        std::vector<Tensor> inputs;
        inputs.push_back(Tensor(DataType::int32, {1}));
        inputs[0].as<std::int32_t>()[0] = value;
        const auto outputs = co_await session.run(std::move(inputs));
        co_return outputs[0].as<std::int32_t>()[0];
    }

    void poll()
    {
        loop.restart();
        loop.poll();
    }
    void run()
    {
        hardware->let_go();
        loop.restart();
        loop.run();
    }

    Context context{1};
    asio::io_context loop{1};
    std::shared_ptr<test::TestDevice> hardware = test::TestDevice::make(capacity);
    Session session;
    std::vector<boost::system::error_code> failures;
    std::vector<int> copies;
};

SessionOptions workers(unsigned count)
{
    SessionOptions options;
    options.worker_num = count;
    return options;
}

SessionOptions input_queue(std::size_t size)
{
    SessionOptions options;
    options.input_queue_size = size;
    return options;
}

} // namespace

TEST_CASE("a session uses no more elements than worker_num")
{
    Fixture f(workers(2));
    CHECK(f.session.concurrency() == 2);
    for (int i = 0; i != 6; ++i)
        f.start(i);
    CHECK(f.hardware->started() == std::vector{0, 1});
    f.run();
    CHECK(f.copies == std::vector{0, 1, 2, 3, 4, 5});
}

TEST_CASE("more workers than the device has elements are all of them")
{
    Fixture f(workers(100));
    CHECK(f.session.concurrency() == capacity);
}

TEST_CASE("worker_num makes as many elements where the notation leaves their number open")
{
    test::SessionFixture f;
    auto options = f.options("cpu");
    options.worker_num = 3;
    const auto open = f.create(options);
    CHECK(open.device() == "cpu(1)*3");
    CHECK(open.concurrency() == 6); // with those that are kept ready
    options.device = "cpu(1)*2";
    options.worker_num = 1;
    const auto fixed = f.create(options);
    CHECK(fixed.device() == "cpu(1)*2");
    CHECK(fixed.concurrency() == 1);
}

TEST_CASE("runs beyond input_queue_size are suspended and come in order")
{
    Fixture f(input_queue(2));
    for (int i = 0; i != 5; ++i)
        f.start(i);
    CHECK(f.hardware->started() == std::vector{0, 1});
    f.hardware->release(1);
    while (f.copies.empty())
        f.poll();
    f.poll(); // the third has a place now
    f.hardware->wait_for_started(3);
    CHECK(f.hardware->started() == std::vector{0, 1, 2});
    f.run();
    CHECK(f.copies == std::vector{0, 1, 2, 3, 4});
}

TEST_CASE("a run that fails, or is wrong, keeps no place")
{
    Fixture f(input_queue(1));
    f.hardware->fail_next_run(std::make_exception_ptr(Error(errc::device_failed, "a test")));
    f.start(0);
    f.start(1);
    f.run();
    CHECK(f.failures == std::vector<boost::system::error_code>{errc::device_failed, {}});
    CHECK_THROWS_ERRC(run_until_complete(f.loop, f.session.run(std::vector<Tensor>())), errc::wrong_tensor_count);
    f.start(2);
    f.run();
    CHECK(f.copies.back() == 2);
}

TEST_CASE("a session that goes ends the runs that wait for a place")
{
    Fixture f(input_queue(1));
    for (int i = 0; i != 3; ++i)
        f.start(i);
    f.session = {};
    f.run();
    REQUIRE(f.failures.size() == 3);
    for (const auto& failure : f.failures)
        CHECK(failure == errc::session_closed);
}

TEST_CASE("with output_queue_size the device waits for a loop that does not take its results")
{
    SessionOptions options;
    options.output_queue_size = 2;
    Fixture f(options);
    CHECK(f.session.concurrency() == 2);
    f.hardware->let_go();
    const std::int32_t value = 7;
    const std::array<ConstTensorView, 1> inputs{ConstTensorView(std::span(&value, 1), Shape{1})};
    std::array<std::int32_t, 5> results{};
    for (auto& result : results) {
        const std::array<TensorView, 1> outputs{TensorView(std::span(&result, 1), Shape{1})};
        f.session.async_run(inputs, outputs, [](std::exception_ptr) {});
    }
    f.hardware->wait_for_started(2);
    CHECK(f.hardware->started().size() == 2);
    f.run();
    CHECK(results == std::array<std::int32_t, 5>{7, 7, 7, 7, 7});
}
