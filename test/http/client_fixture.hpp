#pragma once

#include "support/fault_server.hpp"
#include "support/memory_sink.hpp"

#include <furiosa/core/async_call.hpp>
#include <furiosa/http/client.hpp>

#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace furiosa::test {

inline http::ClientOptions quick()
{
    http::ClientOptions options;
    options.retry.first_backoff = std::chrono::milliseconds(1);
    options.retry.attempts = 2;
    options.proxy = {};
    options.netrc = "/dev/null";
    return options;
}

/// A context with a client that does not wait long.
struct ClientFixture
{
    explicit ClientFixture(http::ClientOptions options = quick()) { context.emplace<http::Client>(options); }

    template <class Sink, class Token>
    auto start(http::GetRequest request, Sink& sink, Token&& token)
    {
        return detail::async_call<http::GetResult>(
            context.io_executor(), context.io_executor(),
            [this, request, &sink] { return context.use<http::Client>().get(request, sink); },
            std::forward<Token>(token));
    }

    template <class Sink, class Token>
    auto start(const std::string& uri, Sink& sink, Token&& token)
    {
        http::GetRequest request;
        request.uri = http::Uri::parse(uri);
        return start(std::move(request), sink, std::forward<Token>(token));
    }

    template <class Sink>
    http::GetResult get(const std::string& uri, Sink& sink)
    {
        return start(uri, sink, boost::asio::use_future).get();
    }

    std::string get(const std::string& uri)
    {
        MemorySink sink;
        get(uri, sink);
        return sink.bytes;
    }

    /// Ends the context, and with it what is under way.
    void end() { owned_.reset(); }

private:
    std::unique_ptr<Context> owned_ = std::make_unique<Context>(1);

public:
    Context& context = *owned_;
};

inline std::string bytes_of(std::size_t size)
{
    std::string text(size, '\0');
    for (std::size_t i = 0; i != size; ++i)
        text[i] = static_cast<char>(i * 2654435761u >> 13);
    return text;
}

inline Answer answer_with(std::string body)
{
    Answer answer;
    answer.body = std::move(body);
    return answer;
}

/// A download fails with this code and a sentence that names the URI and holds `part`.
inline void check_fails(ClientFixture& fixture, const std::string& uri, errc expected,
                        const std::string& part = "")
{
    try {
        fixture.get(uri);
        FAIL_CHECK("nothing was thrown");
    } catch (const Error& error) {
        const std::string sentence = error.what();
        INFO(sentence);
        CHECK(error.code() == expected);
        CHECK(sentence.find(uri) != std::string::npos);
        CHECK(sentence.find(part) != std::string::npos);
    }
}

} // namespace furiosa::test
