// What the session costs: the digit classifier through Session::async_run, against the same program on the calling
// thread with nothing between.

#include "statistics.hpp"
#include "support/temporary_directory.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/furiosa.hpp>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <array>

int main(int argc, char** argv)
{
    using namespace furiosa;
    const int count = argc > 1 ? std::stoi(argv[1]) : 3000;
    const std::filesystem::path onnx = FURIOSA_EXAMPLES_REGISTRY "/digits/digits.onnx";
    Tensor image(DataType::float32, {1, 1, 28, 28});
    std::ranges::fill(image.as<float>(), 0.5f);
    Tensor answer(DataType::float32, {1, 10});
    const std::array<ConstTensorView, 1> inputs{image};
    const std::array<TensorView, 1> outputs{answer};

    compiler::CompileOptions compile_options;
    compile_options.target = device::cpu::target();
    device::cpu::Executor direct(compiler::compile(SharedBytes::map(onnx), compile_options), 1);

    const furiosa::test::TemporaryDirectory folder;
    Context context;
    context.emplace<store::Store>(store::StoreOptions{folder.path()});
    boost::asio::io_context loop(1);
    SessionOptions options("cpu(1)*1");
    options.context = &context;
    auto session = run_until_complete(loop, create_session(onnx, options));

    std::vector<double> alone;
    std::vector<double> through_session;
    for (int i = 0; i != count; ++i) {
        const auto a = bench::time_of([&] { direct.execute(inputs, outputs); });
        const auto b = bench::time_of([&] {
            session.async_run(inputs, outputs, [](std::exception_ptr) {});
            loop.restart();
            loop.run();
        });
        if (i >= count / 10) { // after the warm-up
            alone.push_back(a);
            through_session.push_back(b);
        }
    }
    const auto a = bench::median(alone);
    const auto b = bench::median(through_session);
    fmt::print("inference of digits on {}: {:.1f} us on the calling thread, {:.1f} us through a session, {:.1f} us more\n",
               session.target(), a, b, b - a);
}
