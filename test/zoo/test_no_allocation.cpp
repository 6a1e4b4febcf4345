#include "compiler/run_on_cpu.hpp"
#include "support/heap_allocations.hpp"
#include "zoo/zoo.hpp"

#include <furiosa/furiosa.hpp>

#include <algorithm>
#include <cstdint>
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>

using namespace furiosa;

/// Stands before that of oneDNN, which allocates whenever it runs a primitive, be it a convolution or a reorder: it
/// makes a map of the arguments, and views of the scratchpad. Not counted, since only oneDNN could spare it.
extern "C" dnnl_status_t dnnl_primitive_execute(const_dnnl_primitive_t primitive, dnnl_stream_t stream, int count,
                                                const dnnl_exec_arg_t* arguments)
{
    static const auto execute = reinterpret_cast<decltype(&dnnl_primitive_execute)>(
        ::dlsym(RTLD_NEXT, "dnnl_primitive_execute"));
    const test::Uncounted here;
    return execute(primitive, stream, count, arguments);
}

namespace {

/// The fewest of some rounds: on a busy machine a helping thread may start as late as in the second.
boost::asio::awaitable<std::size_t> allocations_of_runs(Session& session, int times)
{
    std::vector<Tensor> tensors;
    std::vector<ConstTensorView> inputs;
    std::vector<TensorView> outputs;
    tensors.reserve(session.inputs().size() + session.outputs().size());
    for (const auto& desc : session.inputs())
        inputs.push_back(tensors.emplace_back(desc.data_type, desc.shape));
    for (const auto& desc : session.outputs())
        outputs.push_back(tensors.emplace_back(desc.data_type, desc.shape));
    auto fewest = SIZE_MAX;
    for (int round = 0; round != 5 && fewest != 0; ++round) {
        const auto before = test::heap_allocations();
        for (int i = 0; i != times; ++i)
            co_await session.run(inputs, outputs);
        fewest = std::min(fewest, test::heap_allocations() - before);
    }
    co_return fewest;
}

} // namespace

TEST_CASE("inferences allocate nothing but what oneDNN takes to run its primitives")
{
    Context context(1);
    for (const auto& name : zoo::names()) {
        zoo::Options small;
        small.input_size = 64;
        small.width = 0.25;
        const auto onnx = zoo::make(name, small).SerializeAsString();
        const auto program = test::compile_for_cpu(std::as_bytes(std::span(onnx)));
        for (const auto* device : {"cpu(1)*1", "cpu(2)*1"}) {
            INFO(name << " on " << device);
            SessionOptions options(device);
            options.context = &context;
            auto session = run_until_complete(create_session(program, options));
            CHECK(run_until_complete(allocations_of_runs(session, 20)) == 0);
        }
    }
}
