// Sessions on a Warboy, as far as they can be shown without one: the library's driver on the stand-in for the vendor's
// runtime.

#include "compiler/run_on_cpu.hpp"
#include "device/warboy/warboy_driver.hpp"
#include "nux/machine.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/store/digest.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>

#include <algorithm>
#include <thread>

using namespace furiosa;
namespace asio = boost::asio;

TEST_CASE("a session on a Warboy runs an ONNX model on the vendor's runtime")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create();
        CHECK(session.device() == "npu:0:0");
        CHECK(session.target() == "warboy");
        REQUIRE(session.inputs().size() == 1);
        CHECK(session.inputs()[0].name == "x");
        CHECK(session.outputs()[0].shape == Shape{1, 4});
        CHECK(session.summary().find("npu:0:0") != std::string::npos);
        const auto outputs = machine.run(session, 3).get();
        CHECK(outputs.at(0).as<float>()[3] == 6);
    }
    machine.shut_down();
}

TEST_CASE("many runs at once are answered, each with its own")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create("npu:0:0-1");
        CHECK(session.target() == "warboy-2pe");
        auto runs = machine.run_many(session, 200);
        CHECK(machine.are_right(runs));
    }
    machine.shut_down();
}

TEST_CASE("a run that fails on the device says so, and the next one works")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create();
        f.nux.nux_stand_in_fail_next_run(3);
        CHECK_THROWS_ERRC(machine.run(session, 1).get(), errc::device_failed);
        CHECK(machine.run(session, 1).get().at(0).as<float>()[0] == 2);
    }
    machine.shut_down();
}

TEST_CASE("when the runtime ends a session, all its runs fail as lost, and it can be created anew")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create();
        auto runs = machine.run_many_until_death(session, 20, 1, "npu:0:0");
        for (auto& run : runs)
            CHECK_THROWS_ERRC(run.get(), errc::device_lost);
        CHECK_THROWS_ERRC(machine.run(session, 1).get(), errc::device_lost);
        f.nux.nux_stand_in_let_go();
        auto again = machine.create();
        CHECK(machine.run(again, 4).get().at(0).as<float>()[0] == 8);
    }
    machine.shut_down();
}

TEST_CASE("a session that was lost may be replaced while it is still there")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create();
        f.nux.nux_stand_in_hold();
        auto run = machine.run(session, 1);
        f.nux.nux_stand_in_wait_for_started(1);
        const auto die = GENERATE(&test::NuxStandIn::nux_stand_in_terminate, &test::NuxStandIn::nux_stand_in_fall_silent);
        REQUIRE((f.nux.*die)("npu:0:0") == 0);
        auto next = machine.run(session, 1); // which the runtime refuses, if it was not known before
        CHECK_THROWS_ERRC(run.get(), errc::device_lost);
        CHECK_THROWS_ERRC(next.get(), errc::device_lost);
        f.nux.nux_stand_in_let_go();
        session = machine.create();
        CHECK(machine.run(session, 4).get().at(0).as<float>()[0] == 8);
    }
    machine.shut_down();
}

TEST_CASE("runs of a session that was lost fail at once, though its device does not let the runtime destroy it")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create();
        f.nux.nux_stand_in_hold_destruction();
        const auto die = GENERATE(&test::NuxStandIn::nux_stand_in_terminate, &test::NuxStandIn::nux_stand_in_fall_silent);
        REQUIRE((f.nux.*die)("npu:0:0") == 0);
        for (int i = 0; i != 20; ++i)
            CHECK_THROWS_ERRC(machine.run(session, 1).get(), errc::device_lost);
        f.nux.nux_stand_in_let_go();
    }
    machine.shut_down();
}

TEST_CASE("a session may close at any time while its device dies")
{
    test::NuxFixture f;
    const auto die = GENERATE(&test::NuxStandIn::nux_stand_in_terminate, &test::NuxStandIn::nux_stand_in_fall_silent);
    const int rounds = 20;
    for (int round = 0; round != rounds; ++round) {
        test::Machine machine;
        std::jthread killer;
        std::vector<std::future<std::vector<Tensor>>> runs;
        {
            auto session = machine.create();
            f.nux.nux_stand_in_set_latency(100);
            runs = machine.run_many(session, 10);
            killer = std::jthread([&] { (f.nux.*die)("npu:0:0"); });
            if (round % 2 == 0)
                killer.join();
        }
        for (auto& run : runs)
            run.wait(); // whether answered, closed or lost
        machine.shut_down();
    }
}

TEST_CASE("a device is not for others while one session on it is left, though another gave it up")
{
    test::NuxFixture f;
    test::NpuTree tree; // where every file can be opened, whoever has it
    tree.add_warboy(0);
    Context context(1);
    auto& devices = context.emplace<device::Devices>(tree.roots(), test::NuxStandIn::path);
    const auto config = device::DeviceConfig::parse("npu:0:0");
    {
        device::DeviceQueue queue(context.io_executor(), devices.open(config));
        const auto onnx = test::NuxFixture::doubling();
        const auto bytes = std::as_bytes(std::span(onnx));
        device::ModelImage image;
        image.bytes = SharedBytes::own({bytes.begin(), bytes.end()});
        image.name = "doubling";
        queue.async_load(image, asio::use_future).get().abandon();
        const auto other = queue.async_load(image, asio::use_future).get();
        CHECK_THROWS_ERRC(devices.open(config), errc::device_busy);
        other.abandon();
        CHECK(devices.open(config) != queue.device());
    }
}

TEST_CASE("inputs are not copied: the device reads them where the caller has them")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create();
        f.nux.nux_stand_in_hold();
        std::vector<float> in(4, 1);
        std::vector<float> out(4);
        const std::vector inputs{ConstTensorView(std::span<const float>(in), Shape{1, 4})};
        const std::vector outputs{TensorView(std::span(out), Shape{1, 4})};
        auto run = session.async_run(inputs, outputs, asio::use_future);
        f.nux.nux_stand_in_wait_for_started(1);
        std::ranges::fill(in, 21.0f); // nobody may do that, but whoever had copied them would not see it
        f.nux.nux_stand_in_let_go();
        run.get();
        CHECK(out == std::vector<float>(4, 42));
    }
    machine.shut_down();
}

TEST_CASE("a session that closes with work in flight loses nothing")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        std::vector<std::future<std::vector<Tensor>>> runs;
        {
            auto session = machine.create();
            f.nux.nux_stand_in_hold();
            runs = machine.run_many(session, 20);
            f.nux.nux_stand_in_wait_for_started(1);
        }
        for (auto& run : runs) // which the device holds for ever, unless the runtime's session is destroyed
            CHECK_THROWS_ERRC(run.get(), errc::session_closed);
        f.nux.nux_stand_in_let_go();
        auto again = machine.create();
        CHECK(machine.run(again, 4).get().at(0).as<float>()[0] == 8);
    }
    machine.shut_down();
}

TEST_CASE("a run that is cancelled completes so when the device lets go of its buffers")
{
    test::NuxFixture f;
    test::Machine machine;
    {
        auto session = machine.create();
        f.nux.nux_stand_in_hold();
        asio::io_context loop;
        asio::cancellation_signal signal;
        std::exception_ptr end;
        asio::co_spawn(loop, session.run(test::Machine::inputs(1)),
                       asio::bind_cancellation_slot(signal.slot(),
                                                    [&](std::exception_ptr failure, const auto&) { end = failure; }));
        loop.poll();
        f.nux.nux_stand_in_wait_for_started(1);
        signal.emit(asio::cancellation_type::terminal);
        loop.poll();
        CHECK_FALSE(end);
        f.nux.nux_stand_in_let_go();
        loop.run();
        CHECK(code_of(end) == errc::cancelled);
    }
    machine.shut_down();
}

TEST_CASE("what the runtime says of a session that it cannot create is an error with a sentence")
{
    test::NuxFixture f;
    test::Machine machine;
    const auto& [code, expected_code] = GENERATE(table<int, errc>({{1, errc::device_failed},
                                                           {13, errc::program_target_mismatch},
                                                           {14, errc::not_supported},
                                                           {23, errc::device_busy},
                                                           {77, errc::device_failed}}));
    f.nux.nux_stand_in_fail_next_creation(code);
    const auto wanted = expected_code;
    CHECK_THROWS_ERRC(machine.create(), wanted);
    CHECK_THROWS_ERRC(machine.create("npu:0:0", {}, "- no\n- mapping"), errc::invalid_compiler_config);
    CHECK_THROWS_ERRC(machine.create("npu:0:0", {}, "invalid: true"), errc::invalid_compiler_config);
    machine.shut_down();
}

namespace {

std::string last_model(const test::NuxStandIn& nux)
{
    const std::uint8_t* bytes = nullptr;
    const auto size = nux.nux_stand_in_last_model(&bytes);
    return {reinterpret_cast<const char*>(bytes), size};
}

} // namespace

TEST_CASE("the runtime is given a model as it is, with the batch size, workers and configuration that were asked for")
{
    test::NuxFixture f;
    test::Machine machine;
    SessionOptions options("npu:0:1");
    SECTION("nothing was asked for")
    {
        machine.create(options);
        CHECK(f.nux.nux_stand_in_last_options() == std::string("npu:0:1, 1 worker, batch 1, queues of 4 and 4"));
        CHECK(last_model(f.nux) == test::NuxFixture::doubling());
    }
    SECTION("ONNX")
    {
        options.worker_num = 2;
        options.compiler_config = "remove_lower: true";
        machine.create(options);
        CHECK(f.nux.nux_stand_in_last_options() ==
              std::string("npu:0:1, 2 workers, batch 1, queues of 4 and 4, remove_lower: true"));
    }
    SECTION("TFLite, which the stand-in cannot run")
    {
        const std::string tflite("\x1c\0\0\0TFL3 and more", 17);
        machine.tree().write("cat.tflite", tflite);
        options.batch_size = 8;
        CHECK_THROWS_ERRC(machine.create(options, machine.file("cat.tflite")), errc::program_target_mismatch);
        CHECK(f.nux.nux_stand_in_last_options() == std::string("npu:0:1, 1 worker, batch 8, queues of 4 and 4"));
        CHECK(last_model(f.nux) == tflite);
    }
    machine.shut_down();
}

TEST_CASE("programs for the CPU and intermediate forms are refused by an NPU, before the runtime sees them")
{
    test::NuxFixture f;
    test::Machine machine;
    const auto onnx = test::NuxFixture::doubling();
    const auto program = test::compile_for_cpu(std::as_bytes(std::span(onnx)));
    machine.tree().write("cpu.enf", program.bytes().text());
    machine.tree().write("graph.dfg", "dfg\1\2\3\4 and more");
    const auto wrong = errc::program_target_mismatch;
    CHECK_THROWS_ERRC_SAYING(machine.create("npu:0:0", program), wrong, "was compiled for cpu-");
    CHECK_THROWS_ERRC_SAYING(machine.create("npu:0:0", machine.file("cpu.enf")), wrong, "a program of furiosa");
    CHECK_THROWS_ERRC_SAYING(machine.create("npu:0:0", machine.file("graph.dfg")), wrong, "(DFG, IR version 01020304)");
    CHECK_THROWS_ERRC(machine.create("npu:0:0", machine.file("nothing.onnx")), errc::file_not_found);
    CHECK(f.nux.nux_stand_in_last_options() == std::string());
    machine.shut_down();
}

namespace {

/// As the vendor's compiler would make it for the stand-in: y = x + … + x, so that it is told from the model, which
/// doubles, and from other programs.
std::string enf_that_multiplies_by(int times)
{
    test::OnnxBuilder builder;
    builder.input("x", {1, 4});
    std::string sum = "x";
    for (int i = 1; i != times; ++i) {
        const auto next = i + 1 == times ? "y" : fmt::format("sum{}", i);
        builder.node("Add", {sum, "x"}, {next});
        sum = next;
    }
    return "enf\x23\x43\xcb\x11" + builder.output("y").bytes();
}

std::string tripling_enf()
{
    return enf_that_multiplies_by(3);
}

/// A registry in a folder of the machine, with one model, "net": the one that doubles, and programs that multiply by 3,
/// by 4, …
void write_zoo(const test::Machine& machine, const std::vector<std::pair<const char*, const char*>>& targets_and_versions,
               bool with_source = true)
{
    const auto artifact = [&](const char* kind, const std::string& name, std::string_view bytes,
                              const std::string& fields) {
        machine.tree().write("zoo/" + name, bytes);
        const auto digest = store::digest_of(store::DigestAlgorithm::sha256, std::as_bytes(std::span(bytes))).hex();
        return fmt::format(R"({{"kind": "{}", "uri": "{}", "size": {}, "sha256": "{}"{}}})", kind, name, bytes.size(),
                           digest, fields);
    };
    std::vector<std::string> artifacts;
    for (const auto& [target, version] : targets_and_versions) {
        const auto times = 3 + static_cast<int>(artifacts.size());
        artifacts.push_back(artifact("enf", std::to_string(times), enf_that_multiplies_by(times),
                                     fmt::format(R"(, "target": "{}", "ir_version": "{}")", target, version)));
    }
    if (with_source)
        artifacts.push_back(artifact("onnx", "net.onnx", test::NuxFixture::doubling(), ""));
    machine.tree().write("zoo/artifacts.json",
                         fmt::format(R"({{"format_version": 1, "models": [{{"name": "net", "artifacts": [{}]}}]}})",
                                     fmt::join(artifacts, ", ")));
}

} // namespace

TEST_CASE("a model's program for the device is preferred to what it was made from, if the options ask for no other")
{
    test::NuxFixture f;
    test::Machine machine;
    machine.tree().write("models/times.onnx", test::NuxFixture::doubling());
    machine.tree().write("models/times.warboy.enf", tripling_enf());
    const auto model = machine.load("times");
    const auto [device, config, times] = GENERATE(table<std::string, std::string, float>(
        {{"npu:0:0", "", 3.0f}, {"npu:0:0", "remove_lower: true", 2.0f}, {"npu:0:0-1", "", 2.0f}}));
    {
        auto session = machine.create(device, model, config);
        CHECK(machine.run(session, 1).get().at(0).as<float>()[0] == times);
    }
    machine.shut_down();
}

TEST_CASE("of a model's programs for the device, that of the version of the runtime's compiler is preferred")
{
    constexpr auto same = "stand-in_0000000"; // the runtime's version and commit
    constexpr auto other = "0.9.0_123456789";
    test::NuxFixture f;
    test::Machine machine;
    const auto factor = [&](const char* device) {
        auto session = machine.create(device, machine.load("net", "zoo"));
        return machine.run(session, 1).get().at(0).as<float>()[0];
    };
    SECTION("whatever their order, and by both names of an element")
    {
        write_zoo(machine, {{"warboy-1pe", other}, {"warboy-2pe", other}, {"warboy-1pe", same}, {"warboy-2pe", same}});
        CHECK(factor("npu:0:0") == 5);
        CHECK(factor("npu:0:0-1") == 6);
        CHECK(factor("auto") == 5);
    }
    SECTION("unknown before others")
    {
        write_zoo(machine, {{"warboy", other}, {"warboy", ""}});
        CHECK(factor("npu:0:0") == 4);
    }
    SECTION("others before what must be compiled: the runtime knows what it takes")
    {
        write_zoo(machine, {{"warboy-2pe", same}, {"warboy-1pe", other}});
        CHECK(factor("npu:0:0") == 4);
    }
    SECTION("with nothing but programs, a Warboy is chosen, too")
    {
        write_zoo(machine, {{"warboy-1pe", same}}, false);
        CHECK(factor("auto") == 3);
    }
    machine.shut_down();
}

TEST_CASE("a program of another version than the runtime's gives way to what it was made from, else it is refused")
{
    test::NuxFixture f;
    f.nux.nux_stand_in_set_ir_version("00000001");
    test::Machine machine;
    machine.tree().write("models/times.onnx", test::NuxFixture::doubling());
    machine.tree().write("models/times.warboy.enf", tripling_enf());
    machine.tree().write("models/alone.warboy.enf", tripling_enf());
    {
        auto session = machine.create("npu:0:0", machine.load("times"));
        CHECK(machine.run(session, 1).get().at(0).as<float>()[0] == 2);
    }
    CHECK_THROWS_ERRC(machine.create("npu:0:0", machine.load("alone")), errc::program_target_mismatch);
    machine.shut_down();
}

TEST_CASE("a program for a Warboy is refused by the CPU device")
{
    test::Machine machine;
    machine.tree().write("tripling.enf", tripling_enf());
    CHECK_THROWS_ERRC_SAYING(machine.create("cpu(1)*1", machine.file("tripling.enf")), errc::program_target_mismatch,
                             "it runs on a Warboy NPU only");
}

TEST_CASE("where nothing is asked for, it is a Warboy that is free, unless there is only a program for the CPU")
{
    test::NuxFixture f;
    test::Machine machine;
    const auto onnx = test::NuxFixture::doubling();
    const auto program = test::compile_for_cpu(std::as_bytes(std::span(onnx)));
    machine.tree().write("models/all.onnx", onnx);
    machine.tree().write(fmt::format("models/all.{}.enf", program.target()), program.bytes().text());
    machine.tree().write(fmt::format("models/alone.{}.enf", program.target()), program.bytes().text());
    machine.tree().write("cpu.enf", program.bytes().text());
    const auto all = machine.load("all");
    CHECK(machine.create("auto").device() == "warboy(1)*1");
    CHECK(machine.create("auto", all).device() == "warboy(1)*1");
    CHECK(machine.create("auto", all.find(registry::ArtifactKind::enf)).device() == "cpu");
    CHECK(machine.create("auto", machine.load("alone")).device() == "cpu");
    CHECK(machine.create("auto", machine.file("cpu.enf")).device() == "cpu");
    CHECK(machine.create("auto", program).device() == "cpu");
    machine.shut_down();
}

TEST_CASE("NPUs of other kinds are passed over where nothing is asked for")
{
    test::NuxFixture f;
    test::Machine machine;
    machine.tree().set(0, "device_type", "Renegade");
    CHECK(machine.create("auto").device() == "warboy(1)*1");
    CHECK_THAT(f.nux.nux_stand_in_last_options(), Catch::StartsWith("npu:1:0, "));
    CHECK(machine.create("npu*2").device() == "npu(1)*2");
    CHECK_THROWS_ERRC_SAYING(machine.create("npu:0:0"), errc::not_supported, "works with Warboys, and npu:0:0 is none");
    CHECK_THROWS_ERRC_SAYING(machine.create("npu*3"), errc::device_not_found, "npu:0:0 is free, but no Warboy");
    machine.shut_down();
}

TEST_CASE("the library that was named when this one was built is opened, where none is named later")
{
    const std::string name = device::warboy::default_nux_library();
    CHECK(name == FURIOSA_EXPECTED_NUX_LIBRARY);
    if (name != "libnux-of-the-preset.so")
        return; // this machine may have it
    test::Machine machine("");
    CHECK_THROWS_ERRC_SAYING(machine.create(), errc::not_supported, name);
}

TEST_CASE("without the vendor's runtime the error says which package brings it")
{
    test::Machine machine("libnux-that-nobody-has.so");
    try {
        machine.create();
        FAIL("a session was created");
    } catch (const Error& error) {
        CHECK(error.code() == errc::not_supported);
        CHECK_THAT(error.what(), Catch::Contains("furiosa-libnux"));
    }
    try {
        test::Machine("libm.so.6").create();
        FAIL("a session was created");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), Catch::Contains("nux_session_option_create"));
    }
}
