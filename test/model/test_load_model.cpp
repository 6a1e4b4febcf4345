#include "model/model_fixture.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/registry/catalog.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

namespace asio = boost::asio;
using namespace furiosa;
using test::ModelFixture;

TEST_CASE("a loaded model is what its manifest says, and its source is there")
{
    ModelFixture f;
    const auto model = blocking::load_model("net", f.options());
    CHECK(model.name() == "net");
    CHECK(model.format() == "onnx");
    CHECK(model.family() == "Net");
    CHECK(model.version() == "1");
    CHECK(model.task() == "image-classification");
    CHECK(model.metadata().description == "tells a from b");
    CHECK(model.tags().at("k") == "v");
    CHECK(model.labels() == std::vector<std::string>{"a", "b"});
    CHECK(model.inputs().at(0).shape == Shape{1, 2});
    CHECK(model.outputs().empty());
    CHECK(model.compiler_config().empty());
    CHECK(model.registry() == f.server.uri("/artifacts.json"));
    CHECK(model.artifacts().size() == 2);
    REQUIRE(model.source_artifact().bytes());
    CHECK(model.source_artifact().bytes()->text() == f.onnx);
    CHECK_FALSE(model.at(ArtifactKind::calibration).bytes());
}

namespace {

asio::awaitable<std::vector<std::string>> load_with_coroutine_tokens(LoadOptions options)
{
    const auto executor = co_await asio::this_coro::executor;
    std::vector<std::string> names;
    names.push_back((co_await load_model("net", options)).name());
    names.push_back((co_await async_load_model(executor, "net", options, asio::use_awaitable)).name());
    auto later = async_load_model(executor, "net", options, asio::deferred);
    names.push_back((co_await std::move(later)(asio::use_awaitable)).name());
    const auto [failure, model] = co_await async_load_model(executor, "net", options, asio::as_tuple(asio::use_awaitable));
    names.push_back(failure ? "failed" : model.name());
    const auto [error, none] = co_await async_load_model(executor, "nett", options, asio::as_tuple(asio::use_awaitable));
    names.push_back(code_of(error).message());
    co_return names;
}

} // namespace

TEST_CASE("load_model takes any completion token")
{
    ModelFixture f;
    const auto names = run_until_complete(load_with_coroutine_tokens(f.options()));
    CHECK(names == std::vector<std::string>{"net", "net", "net", "net", make_error_code(errc::unknown_model).message()});

    asio::io_context loop;
    auto future = async_load_model(loop.get_executor(), "net", f.options(), asio::use_future);
    std::thread::id thread;
    async_load_model(loop.get_executor(), "net", f.options(), [&](std::exception_ptr failure, Model model) {
        CHECK_FALSE(failure);
        CHECK(model.name() == "net");
        thread = std::this_thread::get_id();
    });
    CHECK(thread == std::thread::id()); // never inside the initiating call
    loop.run();
    CHECK(future.get().name() == "net");
    CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("256 coroutines that load one model at once cost one GET for each artifact")
{
    ModelFixture f;
    asio::io_context loop(1);
    int loaded = 0;
    for (int i = 0; i != 256; ++i)
        asio::co_spawn(loop, load_model("net", f.options()), [&](std::exception_ptr failure, Model model) {
            CHECK_FALSE(failure);
            loaded += model.source_artifact().bytes()->size() == f.onnx.size();
        });
    loop.run();
    CHECK(loaded == 256);
    CHECK(f.server.request_count("/net.onnx") == 1);
    CHECK(f.server.request_count("/net.yaml") == 0);
}

TEST_CASE("what is in the store is not fetched again, also by another process")
{
    ModelFixture f;
    blocking::load_model("net", f.options());
    const auto first = blocking::load_model("net", f.options()).source_artifact().bytes();
    Context next_process(1);
    next_process.emplace<store::Store>(store::StoreOptions{f.folder.path() / "store"});
    auto options = f.options();
    options.context = &next_process;
    CHECK(blocking::load_model("net", options).source_artifact().bytes()->text() == f.onnx);
    CHECK(f.server.request_count("/net.onnx") == 1);
    CHECK(f.context.use<store::Store>().counters().hits == 1);
    CHECK(first->text() == f.onnx);
}

TEST_CASE("artifacts come when they are asked for, one, all, or none")
{
    ModelFixture f;
    auto options = f.options();
    options.resolve = Resolve::none;
    const auto model = blocking::load_model("net", options);
    CHECK(f.server.request_count("/net.onnx") == 0);

    SECTION("one by one")
    {
        CHECK(run_until_complete(model.at(ArtifactKind::calibration).fetch()).text() == f.ranges);
        CHECK(run_until_complete(model.source()).text() == f.onnx);
    }
    SECTION("all together")
    {
        run_until_complete(model.resolve_all());
        CHECK(model.at(ArtifactKind::calibration).bytes()->text() == f.ranges);
    }
    SECTION("all when the model is loaded")
    {
        options.resolve = Resolve::all;
        CHECK(blocking::load_model("net", options).at(ArtifactKind::calibration).bytes()->text() == f.ranges);
    }
    CHECK(f.server.request_count("/net.onnx") == 1);
    CHECK(f.server.request_count("/net.yaml") == 1);
}

TEST_CASE("an artifact that a model has not is a clear error")
{
    ModelFixture f;
    const auto model = blocking::load_model("net", f.options());
    CHECK_FALSE(model.find(ArtifactKind::enf));
    CHECK_THROWS_ERRC(model.at(ArtifactKind::enf, "warboy-2pe"), errc::unknown_artifact);
    CHECK_THROWS_ERRC(run_until_complete(model.enf("warboy-2pe")), errc::unknown_artifact);
    try {
        model.at(ArtifactKind::dfg);
    } catch (const Error& error) {
        CHECK_THAT(error.what(), Catch::Contains("net") && Catch::Contains("dfg") && Catch::Contains("calibration"));
    }
}

TEST_CASE("a registry may be a folder or a file URI")
{
    ModelFixture f;
    f.folder.write("registry/artifacts.json", f.manifest());
    f.folder.write("registry/net.onnx", f.onnx);
    const auto folder = (f.folder.path() / "registry").native();
    CHECK(blocking::load_model("net", f.options(folder)).source_artifact().bytes()->text() == f.onnx);
    CHECK(blocking::load_model("net", f.options("file://" + folder)).registry() == "file://" + folder + "/artifacts.json");
    CHECK(f.server.connection_count() == 0);
}

TEST_CASE("list_models gives the models of a registry, the built-in zoo needs no network")
{
    ModelFixture f;
    CHECK(blocking::list_models(f.options()).at(0).name == "net");
    CHECK(blocking::list_models(f.options(std::string(registry::public_zoo))).size() == 8);
}

TEST_CASE("progress is told on the caller's executor, grows, and ends before completion")
{
    ModelFixture f;
    f.serve("/big.onnx", std::string(8'000'000, 'b'));
    f.serve("/artifacts.json", R"({"format_version": 1, "models": [{"name": "big", "artifacts": [)" +
                                   test::artifact_json("onnx", "big.onnx", std::string(8'000'000, 'b')) + "]}]}");
    asio::io_context loop(1);
    const auto loop_thread = std::this_thread::get_id();
    std::vector<std::uint64_t> done;
    bool completed = false;
    auto options = f.options();
    options.on_progress = [&](Progress progress) {
        CHECK(std::this_thread::get_id() == loop_thread);
        CHECK_FALSE(completed);
        CHECK(progress.total == 8'000'000);
        done.push_back(progress.done);
    };
    async_load_model(loop.get_executor(), "big", options, [&](std::exception_ptr failure, Model) {
        CHECK_FALSE(failure);
        completed = true;
    });
    loop.run();
    REQUIRE_FALSE(done.empty());
    CHECK(std::ranges::is_sorted(done));
    CHECK(done.back() == 8'000'000);
}

TEST_CASE("a thread that runs the loop cannot block on it")
{
    ModelFixture f;
    bool refused = false;
    asio::post(f.context.io_executor(), asio::use_future([&] {
                   try {
                       blocking::load_model("net", f.options());
                   } catch (const Error& error) {
                       refused = error.code() == errc::would_deadlock;
                   }
               }))
        .get();
    CHECK(refused);
}

TEST_CASE("models of one registry are loaded from several loops at once")
{
    ModelFixture f;
    std::vector<std::jthread> threads;
    std::atomic<int> loaded = 0;
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j != 10; ++j)
                loaded += blocking::load_model("net", f.options()).source_artifact().bytes()->text() == f.onnx;
        });
    threads.clear();
    CHECK(loaded == 40);
    CHECK(f.server.request_count("/net.onnx") == 1);
}

TEST_CASE("a model that the kept manifest does not know is looked for in a new one")
{
    ModelFixture f;
    auto options = f.options();
    options.registry.policy = registry::Policy::prefer_cache;
    f.serve("/artifacts.json", R"({"format_version": 1, "models": []})");
    CHECK_THROWS_ERRC(blocking::load_model("net", options), errc::unknown_model);
    f.serve("/artifacts.json", f.manifest());
    CHECK(blocking::load_model("net", options).name() == "net");
    const auto asked = f.server.request_count("/artifacts.json");
    blocking::load_model("net", options);
    CHECK(f.server.request_count("/artifacts.json") == asked);
}

TEST_CASE("list_models takes a task")
{
    ModelFixture f;
    CHECK(blocking::list_models(f.options(), "image-classification").size() == 1);
    CHECK(blocking::list_models(f.options(), "object-detection").empty());
}

TEST_CASE("resolve_all reports all artifacts as one")
{
    ModelFixture f;
    auto options = f.options();
    options.resolve = Resolve::none;
    const auto model = blocking::load_model("net", options);
    std::vector<store::Progress> reports;
    const auto total = f.onnx.size() + f.ranges.size();
    run_until_complete(model.resolve_all([&](store::Progress progress) { reports.push_back(progress); }));
    REQUIRE_FALSE(reports.empty());
    CHECK(reports.back().done == total);
    for (const auto& report : reports)
        CHECK(report.total == total);
}
