#pragma once

#include "statistics.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/furiosa.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

namespace bench {

/// This library: a session on the CPU device for a program that was compiled before. Errors are
/// furiosa::Error.
class FuriosaEngine
{
public:
    /// `folder` gets the program. `input` must stay.
    FuriosaEngine(const std::filesystem::path& folder, unsigned threads, const std::vector<float>& input)
        : program_(folder / "model.program"),
          input_(input),
          options_(fmt::format("cpu({})*1", threads))
    {
        context_.emplace<furiosa::store::Store>(furiosa::store::StoreOptions{folder / "store"});
        options_.context = &context_;
    }

    /// Microseconds of compiling the ONNX file.
    double compile(const std::filesystem::path& model)
    {
        furiosa::compiler::CompileOptions options;
        options.target = furiosa::device::cpu::target();
        furiosa::program::Program program;
        const auto time =
            time_of([&] { program = furiosa::compiler::compile(furiosa::SharedBytes::map(model), options); });
        std::ofstream(program_, std::ios::binary) << program.bytes().text();
        return time;
    }

    /// Microseconds of making a session from the program's file, `count` times.
    std::vector<double> create(std::size_t count)
    {
        std::vector<double> times;
        for (std::size_t i = 0; i != count; ++i) {
            session_ = {};
            times.push_back(time_of([&] {
                session_ = furiosa::run_until_complete(loop_, furiosa::create_session(program_, options_));
            }));
        }
        inputs_.assign(1, furiosa::ConstTensorView(std::span(input_), session_.inputs().at(0).shape));
        outputs_.clear();
        for (const auto& desc : session_.outputs())
            outputs_.emplace_back(desc.data_type, desc.shape);
        output_views_.assign(outputs_.begin(), outputs_.end());
        return times;
    }

    /// Microseconds of `count` runs, after one that is not counted.
    std::vector<double> run(std::size_t count) { return furiosa::run_until_complete(loop_, measure(count)); }

    /// The outputs of the last run, one after the other.
    std::vector<float> outputs() const
    {
        std::vector<float> elements;
        for (const auto& tensor : outputs_)
            elements.insert(elements.end(), tensor.as<float>().begin(), tensor.as<float>().end());
        return elements;
    }

    /// How many elements each output has.
    std::vector<std::size_t> output_sizes() const
    {
        std::vector<std::size_t> sizes;
        for (const auto& tensor : outputs_)
            sizes.push_back(tensor.as<float>().size());
        return sizes;
    }

private:
    boost::asio::awaitable<std::vector<double>> measure(std::size_t count)
    {
        co_await session_.async_run(inputs_, output_views_, boost::asio::use_awaitable);
        std::vector<double> times;
        for (std::size_t i = 0; i != count; ++i) {
            const auto started = Clock::now();
            co_await session_.async_run(inputs_, output_views_, boost::asio::use_awaitable);
            times.push_back(microseconds(Clock::now() - started));
        }
        co_return times;
    }

    std::filesystem::path program_;
    const std::vector<float>& input_;
    furiosa::Context context_;
    furiosa::SessionOptions options_;
    boost::asio::io_context loop_{1};
    furiosa::Session session_;
    std::vector<furiosa::ConstTensorView> inputs_;
    std::vector<furiosa::Tensor> outputs_;
    std::vector<furiosa::TensorView> output_views_;
};

} // namespace bench
