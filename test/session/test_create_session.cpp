#include "session/digits_registry.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/device/devices.hpp>
#include <furiosa/furiosa.hpp>
#include <furiosa/session/programs.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <fstream>

namespace asio = boost::asio;
using namespace furiosa;
using session::Programs;

namespace {

/// A context with a store of its own.
struct Fixture
{
    Fixture() { context.emplace<store::Store>(store::StoreOptions{folder.path() / "store"}); }

    Model load(const std::string& name)
    {
        LoadOptions options(registry.uri());
        options.context = &context;
        return blocking::load_model(name, options);
    }

    SessionOptions options(std::int64_t batch_size = 1, bool use_cache = true)
    {
        SessionOptions made("cpu(1)*1");
        made.batch_size = batch_size;
        made.use_program_cache = use_cache;
        made.context = &context;
        made.compiler_config = "tune: false";
        return made;
    }

    Session create(SessionSource source, SessionOptions with)
    {
        return run_until_complete(create_session(std::move(source), std::move(with)));
    }
    Session create(SessionSource source) { return create(std::move(source), options()); }
    /// With no wishes for the compiler, so that a program that the model carries will do.
    Session create_from_carried(const std::string& name)
    {
        auto with = options();
        with.compiler_config.clear();
        return create(load(name), with);
    }

    const session::ProgramCounters& counters() { return context.use<Programs>().counters(); }

    test::TemporaryDirectory folder;
    test::DigitsRegistry registry;
    Context context{2};
};

} // namespace

TEST_CASE("a program that a model carries for the device is used as it is")
{
    Fixture f;
    const auto session = f.create_from_carried("carried");
    CHECK(f.counters().carried == 1);
    CHECK(f.counters().compiled == 0);
    CHECK(session.inputs().size() == 1);
    CHECK(session.target() == device::cpu::target());
}

TEST_CASE("a model without one is compiled once, the program is kept for the next session, and the next process")
{
    Fixture f;
    const auto model = f.load("source");
    f.create(model);
    CHECK(f.counters().compiled == 1);
    CHECK(f.counters().cached == 0);
    f.create(model);
    CHECK(f.counters().compiled == 1);
    CHECK(f.counters().cached == 1);

    Context next_process(1);
    next_process.emplace<store::Store>(store::StoreOptions{f.folder.path() / "store"});
    auto options = f.options();
    options.context = &next_process;
    f.create(test::digits_onnx(), options); // the same bytes by another way
    CHECK(next_process.use<Programs>().counters().compiled == 0);
    CHECK(next_process.use<Programs>().counters().cached == 1);
}

TEST_CASE("each batch size has a program of its own")
{
    Fixture f;
    const auto model = f.load("source");
    CHECK(f.create(model, f.options(1)).inputs()[0].shape == Shape{1, 1, 28, 28});
    const auto four = f.create(model, f.options(4));
    CHECK(four.inputs()[0].shape == Shape{4, 1, 28, 28});
    CHECK(four.outputs()[0].shape == Shape{4, 10});
    CHECK(f.counters().compiled == 2);
}

TEST_CASE("without the program cache, each session compiles and nothing is kept")
{
    Fixture f;
    const auto model = f.load("source");
    f.create(model, f.options(1, false));
    f.create(model, f.options(1, false));
    CHECK(f.counters().compiled == 2);
    CHECK_FALSE(std::filesystem::exists(f.folder.path() / "store/programs"));
}

TEST_CASE("sessions that want one program at the same time share its compilation")
{
    Fixture f;
    const auto model = f.load("source");
    asio::io_context loop;
    std::vector<std::future<Session>> sessions;
    for (int i = 0; i != 16; ++i)
        sessions.push_back(session::async_create_session(loop.get_executor(), model, f.options(1, false), asio::use_future));
    loop.run();
    for (auto& session : sessions)
        CHECK(session.get().inputs().size() == 1);
    CHECK(f.counters().compiled + f.counters().joined == 16);
    CHECK(f.counters().compiled < 16);
}

TEST_CASE("a program for another device is passed over")
{
    Fixture f;
    f.create_from_carried("foreign");
    CHECK(f.counters().compiled == 1);
    CHECK(f.counters().carried == 0);
}

TEST_CASE("a kept program that was damaged is compiled anew")
{
    Fixture f;
    const auto model = f.load("source");
    f.create(model);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(f.folder.path() / "store"))
        if (entry.is_regular_file() && entry.path().native().find("/programs/") != std::string::npos) {
            std::filesystem::permissions(entry.path(), std::filesystem::perms::owner_all);
            std::ofstream(entry.path(), std::ios::trunc) << "nonsense";
        }
    f.create(model);
    CHECK(f.counters().compiled == 2);
}

TEST_CASE("a store that takes no programs does not keep a session from working")
{
    Fixture f;
    const auto model = f.load("source");
    f.folder.write("store/programs", "a file where the folder should be");
    auto session = f.create(model);
    CHECK(f.counters().compiled == 1);
    CHECK(f.counters().not_kept == 1);
    CHECK(session.inputs().size() == 1);
}

TEST_CASE("a session is made from an artifact or a file as well")
{
    Fixture f;
    CHECK(f.create(f.load("source").source_artifact()).outputs()[0].shape == Shape{1, 10});
    CHECK(f.create(test::digits_onnx()).outputs()[0].shape == Shape{1, 10});
    const auto program = f.folder.write("digits.enf", test::compiled_digits(2).text());
    CHECK(f.create(program).outputs()[0].shape == Shape{2, 10});
    CHECK(f.counters().carried == 1);
    CHECK(f.create(program::Program::open(test::compiled_digits(3))).outputs()[0].shape == Shape{3, 10});
    CHECK(f.create(program, f.options(2)).outputs()[0].shape == Shape{2, 10});
    CHECK_THROWS_ERRC(f.create(program, f.options(4)), errc::invalid_argument);
    CHECK_THROWS_ERRC(f.create(program::Program::open(test::compiled_digits(3)), f.options(4)), errc::invalid_argument);
}

TEST_CASE("what cannot become a session is refused, and the sentence says what it is")
{
    Fixture f;
    CHECK_THROWS_ERRC(f.create_from_carried("damaged"), errc::malformed_program);
    CHECK_THROWS_ERRC(f.create(f.folder.path() / "missing.onnx"), errc::file_not_found);
    CHECK_THROWS_ERRC(f.create(f.folder.write("text.onnx", "hello, world")), errc::malformed_model);
    CHECK_THROWS_ERRC(f.create(f.folder.write("empty.onnx", "")), errc::malformed_model);
    CHECK_THROWS_ERRC(f.create(f.folder.write("warboy.enf", std::string("enf\x01\x02\x03\x04", 7) + std::string(64, 'x'))),
                      errc::program_target_mismatch);
    SessionOptions unknown("quantum(1)*1");
    unknown.context = &f.context;
    CHECK_THROWS_ERRC(f.create(test::digits_onnx(), unknown), errc::invalid_device_config);
    SessionOptions missing("npu:63:0"); // whatever NPUs there are
    missing.context = &f.context;
    CHECK_THROWS_ERRC(f.create(test::digits_onnx(), missing), errc::device_not_found);
    CHECK_THROWS_ERRC(f.create(test::digits_onnx(), f.options(0)), errc::invalid_argument);
    CHECK_THROWS_ERRC(f.create(test::digits_onnx(), f.options(-3)), errc::invalid_argument);
    try {
        f.create_from_carried("damaged");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), Catch::Contains("damaged"));
    }
}

TEST_CASE("a session that is created while its context shuts down answers nothing")
{
    Fixture f;
    f.context.use<device::Devices>().shutdown();
    auto session = f.create(test::digits_onnx());
    std::vector<Tensor> inputs;
    inputs.emplace_back(session.inputs()[0].data_type, session.inputs()[0].shape);
    CHECK_THROWS_ERRC(run_until_complete(session.run(std::move(inputs))), errc::queue_closed);
}

TEST_CASE("creating a session takes any completion token")
{
    Fixture f;
    asio::io_context loop;
    bool called = false;
    session::async_create_session(loop.get_executor(), test::digits_onnx(), f.options(),
                                  [&](std::exception_ptr failure, Session session) {
                                      called = true;
                                      CHECK_FALSE(failure);
                                      CHECK(session);
                                  });
    loop.run();
    CHECK(called);
}

TEST_CASE("creating a session can be cancelled")
{
    Fixture f;
    asio::io_context loop;
    asio::cancellation_signal stop;
    unsigned completions = 0;
    boost::system::error_code error;
    session::async_create_session(loop.get_executor(), test::digits_onnx(), f.options(),
                                  asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure, Session) {
                                      ++completions;
                                      error = code_of(failure);
                                  }));
    stop.emit(asio::cancellation_type::terminal);
    loop.run();
    CHECK(completions == 1);
    CHECK((error == errc::cancelled || !error)); // it may have been done already
}
