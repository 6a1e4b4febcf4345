#pragma once

#include <boost/process/child.hpp>
#include <boost/process/io.hpp>
#include <boost/process/pipe.hpp>
#include <boost/process/search_path.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// ONNX Runtime in a process of its own, compare_onnxruntime.js: it works while one of these calls waits for
/// it. Its errors come as std::runtime_error.
class OnnxRuntimeEngine
{
public:
    OnnxRuntimeEngine(const std::filesystem::path& node_modules, const std::filesystem::path& model,
                      unsigned threads, const std::filesystem::path& input)
        : node_(node(), FURIOSA_BENCH_DIR "/compare_onnxruntime.js", node_modules.native(), model.native(),
                std::to_string(threads), input.native(),
                boost::process::std_in<to_node_, boost::process::std_out> from_node_)
    {
    }
    OnnxRuntimeEngine(const OnnxRuntimeEngine&) = delete;
    ~OnnxRuntimeEngine()
    {
        to_node_.close(); // at the end of its orders it goes
        std::error_code ignored;
        node_.wait(ignored);
    }

    /// Microseconds of making a session from the ONNX file, `count` times.
    std::vector<double> create(std::size_t count) { return numbers(ask("create " + std::to_string(count))); }

    /// Microseconds of `count` runs, after one that is not counted.
    std::vector<double> run(std::size_t count) { return numbers(ask("run " + std::to_string(count))); }

    /// The outputs of the last run, one after the other.
    std::vector<float> outputs(const std::filesystem::path& scratch)
    {
        ask("save " + scratch.native());
        std::vector<float> elements(std::filesystem::file_size(scratch) / sizeof(float));
        std::ifstream(scratch, std::ios::binary)
            .read(reinterpret_cast<char*>(elements.data()),
                  static_cast<std::streamsize>(elements.size() * sizeof(float)));
        return elements;
    }

private:
    static std::string node()
    {
        const auto path = boost::process::search_path("node");
        if (path.empty())
            throw std::runtime_error("there is no node in $PATH");
        return path.string();
    }

    std::string ask(const std::string& order)
    {
        const auto line = order + '\n';
        std::string answer;
        try {
            to_node_.write(line.data(), static_cast<int>(line.size()));
            std::getline(from_node_, answer);
        } catch (const std::system_error&) {
            // The pipe is broken.
        }
        if (answer.empty())
            throw std::runtime_error("node has ended");
        if (answer.starts_with("error "))
            throw std::runtime_error(answer.substr(6));
        return answer;
    }

    static std::vector<double> numbers(const std::string& answer)
    {
        std::istringstream stream(answer);
        return {std::istream_iterator<double>(stream), {}};
    }

    boost::process::pipe to_node_; // a stream of it would write, and throw, when it is destroyed
    boost::process::ipstream from_node_;
    boost::process::child node_;
};

} // namespace bench
