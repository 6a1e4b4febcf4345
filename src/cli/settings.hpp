#pragma once

#include <furiosa/core.hpp>
#include <furiosa/model.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace furiosa::cli {

/// What the options of the command line say.
struct Settings
{
    registry::Registry registry;
    std::filesystem::path cache;
    bool json = false;
    bool quiet = false;

    LoadOptions load_options(Context& context) const;
    /// The store in `cache`, made with the context.
    store::Store& open_store(Context& context) const;
};

/// Waits for a coroutine that belongs on the I/O executor.
template <class T>
T wait_for(Context& context, boost::asio::awaitable<T> operation)
{
    return boost::asio::co_spawn(context.io_executor(), std::move(operation), boost::asio::use_future).get();
}

/// Each writes its answer to standard output and returns the exit code; errors are thrown.
int list(const Settings& settings, const std::string& task);
int desc(const Settings& settings, const std::string& name);
int fetch(const Settings& settings, const std::vector<std::string>& names, bool all);
int cache_list(const Settings& settings);
int cache_verify(const Settings& settings, bool remove);
int cache_collect(const Settings& settings, store::GcLimits limits);
int cache_path(const Settings& settings);
int inspect(const Settings& settings, const std::filesystem::path& file);
int publish(const Settings& settings, const std::filesystem::path& folder);

} // namespace furiosa::cli
