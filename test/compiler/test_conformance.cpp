#include "compiler/run_on_cpu.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/shared_bytes.hpp>

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

using namespace furiosa;
namespace fs = std::filesystem;

namespace {

/// A float32 tensor of the conformance data, or nothing if it is of another type.
std::optional<Tensor> read_tensor(const fs::path& file)
{
    onnx::TensorProto proto;
    std::ifstream stream(file, std::ios::binary);
    if (!proto.ParseFromIstream(&stream) || proto.data_type() != onnx::TensorProto::FLOAT || proto.dims_size() > 8)
        return std::nullopt;
    Tensor tensor(DataType::float32, Shape(std::vector<std::int64_t>(proto.dims().begin(), proto.dims().end())));
    if (proto.has_raw_data() && proto.raw_data().size() == tensor.size_in_bytes())
        std::copy_n(reinterpret_cast<const std::byte*>(proto.raw_data().data()), tensor.size_in_bytes(), tensor.data());
    else if (static_cast<std::size_t>(proto.float_data_size()) * sizeof(float) == tensor.size_in_bytes())
        std::ranges::copy(proto.float_data(), tensor.as<float>().begin());
    else
        return std::nullopt;
    return tensor;
}

/// input_0.pb, input_1.pb, … of a data set, or nothing if one is not float32.
std::optional<std::vector<Tensor>> read_tensors(const fs::path& folder, const std::string& stem)
{
    std::vector<Tensor> tensors;
    for (int i = 0; fs::exists(folder / (stem + std::to_string(i) + ".pb")); ++i) {
        auto tensor = read_tensor(folder / (stem + std::to_string(i) + ".pb"));
        if (!tensor)
            return std::nullopt;
        tensors.push_back(std::move(*tensor));
    }
    return tensors;
}

struct Tally
{
    int passed = 0;
    int refused = 0;
    int other_types = 0;
    std::vector<std::string> failed;
};

bool agrees(const std::vector<Tensor>& got, const std::vector<Tensor>& expected)
{
    if (got.size() != expected.size())
        return false;
    for (std::size_t i = 0; i != got.size(); ++i)
        if (got[i].shape() != expected[i].shape() ||
            test::disagreement(got[i].as<float>(), expected[i].as<float>(), 1e-3, 1e-5) > 1)
            return false;
    return true;
}

void run_case(const fs::path& folder, Tally& tally)
{
    const auto onnx = SharedBytes::map(folder / "model.onnx");
    std::optional<program::Program> program;
    try {
        program = test::compile_for_cpu(onnx);
    } catch (const Error&) {
        ++tally.refused;
        return;
    }
    for (const auto& set : fs::directory_iterator(folder)) {
        if (!set.is_directory())
            continue;
        const auto inputs = read_tensors(set.path(), "input_");
        const auto expected = read_tensors(set.path(), "output_");
        if (!inputs || !expected || inputs->size() != program->inputs().size()) {
            ++tally.other_types;
            return;
        }
        const std::vector<ConstTensorView> views(inputs->begin(), inputs->end());
        if (!agrees(test::run_on_cpu(*program, views), *expected))
            tally.failed.push_back(folder.filename().native() + " on the CPU");
        else if (!agrees(compiler::evaluate(compiler::import_onnx(onnx, 1), views), *expected))
            tally.failed.push_back(folder.filename().native() + " in the reference");
        else
            ++tally.passed;
    }
}

} // namespace

TEST_CASE("conformance cases of ONNX either agree or are refused with an Error")
{
    const fs::path root = FURIOSA_SHARED_DIR "/onnx-backend";
    if (!fs::exists(root)) {
        WARN("skipped: " << root << " is not there");
        return;
    }
    Tally tally;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.path().filename() != "model.onnx")
            continue;
        INFO(entry.path().native());
        try {
            run_case(entry.path().parent_path(), tally);
        } catch (const std::exception& error) {
            tally.failed.push_back(entry.path().parent_path().filename().native() + ": " + error.what());
        }
    }
    for (const auto& name : tally.failed)
        UNSCOPED_INFO(name);
    CHECK(tally.failed.empty());
    WARN("ONNX conformance: " << tally.passed << " passed, " << tally.refused << " refused with an Error, "
                              << tally.other_types << " with other types than float32");
    CHECK(tally.passed >= 80); // what passed when this was written must not quietly become less
}
