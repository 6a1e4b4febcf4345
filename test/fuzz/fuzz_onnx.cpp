// From the bytes of an ONNX file to the graph that passes have rewritten.

#include "require.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/passes.hpp>
#include <furiosa/core/error.hpp>

#include <google/protobuf/stubs/logging.h>

using namespace furiosa;

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    google::protobuf::SetLogHandler(nullptr); // it would say of every input that it is damaged
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    try {
        const auto graph = compiler::optimize(compiler::import_onnx(std::as_bytes(std::span(data, size))));
        for (const auto& node : graph.nodes)
            for (const auto id : node.inputs)
                REQUIRE(id == compiler::no_value || id < graph.values.size());
        for (const auto& value : graph.values)
            REQUIRE(!value.constant || value.constant->size() == value.desc.size_in_bytes());
    } catch (const Error& error) {
        REQUIRE(*error.what() != '\0');
    }
    return 0;
}
