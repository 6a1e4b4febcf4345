#pragma once

#include "support/child_process.hpp"

#include <simdjson.h>

#include <string>
#include <vector>

namespace furiosa::test {

/// The line that a fetch_client has printed.
struct ClientReport
{
    bool locks = false;
    std::vector<std::string> digests;
    std::uint64_t downloads = 0;
    std::uint64_t resumed = 0;
    int code = 0;
    std::string error;
};

/// A fetch_client that loads the model of that registry into that store.
inline Command client_command(const std::string& registry, const std::filesystem::path& store,
                              const std::filesystem::path& output, const std::vector<std::string>& more = {})
{
    Command command;
    command.arguments = {FURIOSA_FETCH_CLIENT, "--registry", registry, "--store", store.native()};
    command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    command.output = output;
    return command;
}

/// Throws simdjson::simdjson_error when there is no such line: the client crashed.
inline ClientReport read_report(const std::filesystem::path& output)
{
    simdjson::dom::parser parser;
    const auto text = text_of(output);
    const simdjson::dom::element line = parser.parse(text);
    ClientReport report;
    report.locks = line["locks"].get_bool();
    for (const simdjson::dom::element digest : line["digests"].get_array())
        report.digests.emplace_back(digest.get_string().value());
    report.downloads = line["downloads"].get_uint64();
    report.resumed = line["resumed"].get_uint64();
    report.code = static_cast<int>(line["code"].get_int64());
    report.error = line["error"].get_string().value();
    return report;
}

} // namespace furiosa::test
