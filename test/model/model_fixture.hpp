#pragma once

#include "support/fault_server.hpp"
#include "support/temporary_directory.hpp"

#include <furiosa/http/client.hpp>
#include <furiosa/model.hpp>
#include <furiosa/store/digest.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>

namespace furiosa::test {

inline std::string artifact_json(std::string_view kind, std::string_view uri, std::string_view content)
{
    return fmt::format(R"({{"kind": "{}", "uri": "{}", "size": {}, "sha256": "{}"}})", kind, uri, content.size(),
                       store::digest_of(store::DigestAlgorithm::sha256, std::as_bytes(std::span(content))).hex());
}

/// A registry with one model, "net": its ONNX, and calibration ranges.
struct ModelFixture
{
    ModelFixture() : ModelFixture(http::ClientOptions()) {}
    explicit ModelFixture(http::ClientOptions client)
    {
        context.emplace<store::Store>(store::StoreOptions{folder.path() / "store"});
        client.retry.first_backoff = std::chrono::milliseconds(1);
        client.retry.attempts = 2;
        context.emplace<http::Client>(client);
        serve("/net.onnx", onnx);
        serve("/net.yaml", ranges);
        serve("/artifacts.json", manifest());
    }

    std::string manifest() const
    {
        return R"({"format_version": 1, "models": [{"name": "net", "format": "onnx", "family": "Net", "version": "1",
                   "task": "image-classification", "labels": ["a", "b"],
                   "metadata": {"description": "tells a from b"}, "tags": {"k": "v"},
                   "inputs": [{"name": "x", "data_type": "float32", "shape": [1, 2]}],
                   "artifacts": [)" +
               artifact_json("onnx", "net.onnx", onnx) + ", " + artifact_json("calibration", "net.yaml", ranges) + "]}]}";
    }

    void serve(const std::string& target, std::string body)
    {
        Answer answer;
        answer.body = std::move(body);
        server.serve(target, std::move(answer));
    }

    LoadOptions options() { return options(server.uri("")); }
    LoadOptions options(const std::string& registry)
    {
        LoadOptions made(registry);
        made.context = &context;
        return made;
    }

    /// Files of artifacts, whole or partial.
    std::size_t stored_files() const { return files_in("blobs") + files_in("partial"); }

    const std::string onnx = std::string(300'000, 'o');
    const std::string ranges = "ranges: {}";
    TemporaryDirectory folder;
    FaultServer server;

    /// Ends the context: what was under way is over then, to its last file.
    void end() { owned_.reset(); }

private:
    std::size_t files_in(const char* name) const
    {
        const auto below = folder.path() / "store" / name;
        std::size_t count = 0;
        if (std::filesystem::exists(below))
            for (const auto& entry : std::filesystem::recursive_directory_iterator(below))
                count += entry.is_regular_file();
        return count;
    }

    std::unique_ptr<Context> owned_ = std::make_unique<Context>(2);

public:
    Context& context = *owned_;
};

} // namespace furiosa::test
