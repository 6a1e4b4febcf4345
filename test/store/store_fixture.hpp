#pragma once

#include "support/temporary_directory.hpp"

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

namespace furiosa::test {

/// A request for exactly these bytes.
inline store::BlobRequest request_for(std::string_view content, store::DigestAlgorithm algorithm = store::DigestAlgorithm::sha256)
{
    return {store::digest_of(algorithm, std::as_bytes(std::span(content))), content.size(), "test blob"};
}

inline boost::asio::awaitable<void> pour(ByteSink& sink, std::string_view content)
{
    while (!content.empty()) {
        const auto room = co_await sink.prepare();
        const auto count = std::min(room.size(), content.size());
        std::memcpy(room.data(), content.data(), count);
        sink.commit(count);
        content.remove_prefix(count);
    }
}

/// Offers `content`; the store asks `*asked` times.
inline store::Source source_of(std::string content, std::shared_ptr<int> asked = std::make_shared<int>(0))
{
    return [content = std::move(content), asked](ByteSink& sink) -> boost::asio::awaitable<void> {
        // A plain function: the coroutine has its arguments, not this lambda's captures.
        ++*asked;
        return [](ByteSink& to, std::string bytes) -> boost::asio::awaitable<void> {
            co_await to.start(0, bytes.size());
            co_await pour(to, bytes);
        }(sink, content);
    };
}

/// A store in a folder of its own.
struct StoreFixture
{
    explicit StoreFixture(std::filesystem::path root = {})
        : store(context.emplace<store::Store>(store::StoreOptions{root.empty() ? folder.path() / "store" : root}))
    {
    }

    SharedBytes fetch(const store::BlobRequest& request, store::Source source, store::ProgressFunction progress = {})
    {
        return boost::asio::co_spawn(context.io_executor(), store.fetch(request, std::move(source), std::move(progress)),
                                     boost::asio::use_future)
            .get();
    }

    /// Files below the root of the store, whatever they are.
    std::size_t file_count() const
    {
        std::size_t count = 0;
        if (std::filesystem::exists(store.root()))
            for (const auto& entry : std::filesystem::recursive_directory_iterator(store.root()))
                count += entry.is_regular_file();
        return count;
    }

    TemporaryDirectory folder;
    Context context{2};
    store::Store& store;
};

} // namespace furiosa::test
