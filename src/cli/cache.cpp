#include "cli/exit_code.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace furiosa::cli {

namespace {

std::string date_text(std::chrono::system_clock::time_point time)
{
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(time));
}

} // namespace

int cache_list(const Settings& settings)
{
    Context context;
    auto& store = settings.open_store(context);
    const auto blobs = wait_for(context, store.list());
    std::uint64_t bytes = 0;
    Table table({"DIGEST", ">SIZE", "LAST USED (UTC)"});
    JsonWriter json;
    json.begin_array();
    for (const auto& blob : blobs) {
        bytes += blob.size;
        table.add({to_string(blob.digest), model::bytes_text(blob.size), date_text(blob.used)});
        json.begin_object();
        json.field("digest", to_string(blob.digest));
        json.field("size", blob.size);
        json.field("used", static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(blob.used)));
        json.field("path", blob.path.native());
        json.end_object();
    }
    json.end_array();
    if (settings.json)
        fmt::print("{}", json.take());
    else
        fmt::print("{}\n{} blobs, {}\n", table.text(), blobs.size(), model::bytes_text(bytes));
    return exit_code::done;
}

int cache_verify(const Settings& settings, bool remove)
{
    Context context;
    auto& store = settings.open_store(context);
    const auto found = wait_for(context, store.verify(remove));
    if (settings.json) {
        JsonWriter json;
        json.begin_object();
        json.field("blobs", found.blobs);
        json.field("size", found.bytes);
        json.key("damaged");
        json.begin_array();
        for (const auto& path : found.damaged)
            json.string(path.native());
        json.end_array();
        json.key("removed");
        json.boolean(remove);
        json.end_object();
        fmt::print("{}", json.take());
    } else {
        for (const auto& path : found.damaged)
            fmt::print("{} {}\n", remove ? "removed" : "damaged", path.native());
        fmt::print("{} blobs, {}: {} damaged\n", found.blobs, model::bytes_text(found.bytes), found.damaged.size());
    }
    return found.damaged.empty() ? exit_code::done : exit_code::damaged;
}

int cache_collect(const Settings& settings, store::GcLimits limits)
{
    Context context;
    auto& store = settings.open_store(context);
    const auto report = wait_for(context, store.gc(limits));
    if (settings.json) {
        JsonWriter json;
        json.begin_object();
        json.field("removed", report.removed);
        json.field("freed", report.freed);
        json.field("kept", report.kept);
        json.field("in_use", report.in_use);
        json.field("denied", report.denied);
        json.end_object();
        fmt::print("{}", json.take());
        return exit_code::done;
    }
    fmt::print("{} files removed, {} freed, {} kept\n", report.removed, model::bytes_text(report.freed),
               model::bytes_text(report.kept));
    if (report.in_use != 0)
        fmt::print("{} more would have gone, but are in use\n", report.in_use);
    if (report.denied != 0)
        fmt::print("{} more would have gone, but are somebody else's\n", report.denied);
    return exit_code::done;
}

int cache_path(const Settings& settings)
{
    Context context;
    const auto root = settings.open_store(context).root().native();
    if (settings.json) {
        JsonWriter json;
        json.begin_object();
        json.field("path", root);
        json.end_object();
        fmt::print("{}", json.take());
    } else {
        fmt::print("{}\n", root);
    }
    return exit_code::done;
}

} // namespace furiosa::cli
