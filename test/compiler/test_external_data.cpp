#include "compiler/onnx_builder.hpp"
#include "compiler/run_on_cpu.hpp"
#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/compiler/external_files.hpp>
#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>

#include <filesystem>
#include <fstream>

using namespace furiosa;
using test::OnnxBuilder;
namespace fs = std::filesystem;

namespace {

/// x + w, with the two numbers of w in a file beside the model.
struct ExternalModel
{
    ExternalModel()
    {
        const float weights[] = {0, 10, 20};
        fs::create_directory(folder.path() / "model");
        std::ofstream(folder.path() / "model" / "weights.bin", std::ios::binary)
            .write(reinterpret_cast<const char*>(weights), sizeof weights);
        builder.input("x", {2}).weight("w", test::random_tensor({2}, 1)).node("Add", {"x", "w"}, {"y"}).output("y");
        auto& weight = *builder.model().mutable_graph()->mutable_initializer(0);
        weight.clear_raw_data();
        weight.set_data_location(onnx::TensorProto::EXTERNAL);
        set("location", "weights.bin");
        set("offset", "4");
        set("length", "8");
    }

    void set(const std::string& key, const std::string& value)
    {
        auto& weight = *builder.model().mutable_graph()->mutable_initializer(0);
        for (auto& entry : *weight.mutable_external_data())
            if (entry.key() == key)
                return entry.set_value(value);
        auto& entry = *weight.add_external_data();
        entry.set_key(key);
        entry.set_value(value);
    }

    compiler::Graph import() const
    {
        compiler::ImportOptions options;
        options.external_data = folder.path() / "model";
        const auto bytes = builder.bytes();
        return compiler::import_onnx(std::as_bytes(std::span(bytes)), options);
    }

    test::TemporaryDirectory folder;
    OnnxBuilder builder;
};

} // namespace

TEST_CASE("weights in a file beside the model are read from their offset, wherever it is aligned")
{
    ExternalModel model;
    const float x[] = {1, 2};
    const std::vector<ConstTensorView> inputs{ConstTensorView(std::span<const float>(x), Shape{2})};
    const auto y = compiler::evaluate(model.import(), inputs);
    CHECK(y[0].as<float>()[0] == 11);
    CHECK(y[0].as<float>()[1] == 22);
    const auto bytes = model.builder.bytes();
    CHECK(compiler::external_files(std::as_bytes(std::span(bytes))) == std::vector<std::string>{"weights.bin"});
}

TEST_CASE("weights outside the folder of the model are refused, however they are named")
{
    ExternalModel model;
    std::ofstream(model.folder.path() / "secret") << "0123456789abcdef";
    fs::create_symlink(model.folder.path() / "secret", model.folder.path() / "model" / "link");
    for (const auto& location : {std::string("../secret"), (model.folder.path() / "secret").native(), std::string("link"),
                                 std::string("."), std::string(""), std::string("a/../../secret")}) {
        model.set("location", location);
        INFO(location);
        CHECK_THROWS_AS(model.import(), Error);
    }
}

TEST_CASE("weights that their file does not hold are refused")
{
    const auto refused = [](const std::string& key, const std::string& value, errc expected) {
        ExternalModel model;
        model.set(key, value);
        INFO(key << " " << value);
        CHECK_THROWS_ERRC(model.import(), expected);
    };
    refused("offset", "8", errc::malformed_model);
    refused("offset", "18446744073709551615", errc::malformed_model);
    refused("offset", "-1", errc::malformed_model);
    refused("length", "4", errc::malformed_model);
    refused("location", "nowhere.bin", errc::file_not_found);
}

TEST_CASE("without the folder of the model the error says what to do")
{
    ExternalModel model;
    const auto bytes = model.builder.bytes();
    CHECK_THROWS_ERRC(compiler::import_onnx(std::as_bytes(std::span(bytes))), errc::not_supported);
}
