#pragma once

#include "support/child_process.hpp"

#include <furiosa/store/digest.hpp>

#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::test {

inline std::string sha256_of(std::string_view content)
{
    return store::digest_of(store::DigestAlgorithm::sha256, std::as_bytes(std::span(content))).hex();
}

/// Bytes without a pattern, the same for the same seed.
inline std::string random_bytes(std::size_t size, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
        const std::uint64_t number = random();
        std::memcpy(text.data() + i, &number, std::min(sizeof number, size - i));
    }
    return text;
}

/// The artifacts.json of a registry with one model, "net", whose source has this content and lies at `uri`.
inline std::string manifest_for(std::string_view content, std::string_view uri = "net.onnx")
{
    return fmt::format(R"({{"format_version": 1, "models": [{{"name": "net", "format": "onnx", "artifacts": [
        {{"kind": "onnx", "uri": "{}", "size": {}, "sha256": "{}"}}]}}]}})",
                       uri, content.size(), sha256_of(content));
}

/// What is wrong with a store: a blob that does not hash to its name. Looks for itself, without the library's store.
inline std::vector<std::string> wrong_blobs(const std::filesystem::path& store)
{
    std::vector<std::string> wrong;
    if (!std::filesystem::exists(store / "blobs"))
        return wrong;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store / "blobs")) {
        if (!entry.is_regular_file())
            continue;
        if (sha256_of(text_of(entry.path())) != entry.path().filename().native())
            wrong.push_back(entry.path().native());
    }
    return wrong;
}

} // namespace furiosa::test
