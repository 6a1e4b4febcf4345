#include <furiosa/http/download_machine.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <openssl/evp.h>

namespace furiosa::http {

using std::chrono::milliseconds;

namespace {

/// So much makes an attempt a success of its own; less, and a server could drip for ever.
constexpr std::uint64_t worthwhile_progress = 1024 * 1024;

std::string basic_authorization(const std::string& userinfo)
{
    const auto plain = percent_decode(userinfo);
    std::string encoded(4 * (plain.size() / 3 + 1) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return "Basic " + encoded;
}

/// What may stand in If-Range: RFC 9110, section 13.1.5. A weak tag may not.
std::string validator_of(const ResponseHead& head)
{
    if (head.etag.starts_with('"'))
        return head.etag;
    return head.etag.empty() ? head.last_modified : std::string();
}

struct ContentRange
{
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;
};

/// "bytes 100-999/1000", or "*" for an unknown total
std::optional<ContentRange> parse_content_range(std::string_view text)
{
    constexpr std::string_view unit = "bytes ";
    if (!text.starts_with(unit))
        return std::nullopt;
    const char* at = text.data() + unit.size();
    const char* const end = text.data() + text.size();
    const auto number = [&](std::uint64_t& value) {
        const auto [next, error] = std::from_chars(at, end, value);
        at = next;
        return error == std::errc();
    };
    const auto skip = [&](char c) { return at != end && *at++ == c; };
    ContentRange range;
    if (!number(range.first) || !skip('-') || !number(range.last) || !skip('/') || range.last < range.first)
        return std::nullopt;
    if (std::string_view(at, end) == "*")
        return range;
    std::uint64_t total = 0;
    if (!number(total) || at != end || total <= range.last)
        return std::nullopt;
    range.total = total;
    return range;
}

bool is_worth_retrying(unsigned status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool is_worth_retrying(const boost::system::error_code& code)
{
    return code == errc::connection_refused || code == errc::connection_failed || code == errc::truncated_body ||
           code == errc::idle_timeout || code == errc::malformed_response;
}

} // namespace

DownloadMachine::DownloadMachine(GetRequest request, RetryPolicy policy, std::function<double()> random,
                                 std::function<std::chrono::sys_seconds()> now)
    : request_(std::move(request)), policy_(policy), random_(std::move(random)), now_(std::move(now)),
      uri_(request_.uri)
{
    if (request_.authorization.empty() && !uri_.userinfo.empty())
        request_.authorization = basic_authorization(uri_.userinfo);
}

DownloadMachine::Action DownloadMachine::start(std::uint64_t position)
{
    position_ = position;
    return ask();
}

DownloadMachine::Action DownloadMachine::ask()
{
    Ask action{uri_, request_.headers};
    // Without a validator nobody could tell whether the rest belongs to what is there: the whole is asked for.
    asked_from_ = validator_.empty() ? 0 : position_;
    if (asked_from_ != 0) {
        action.headers.emplace_back("Range", fmt::format("bytes={}-", asked_from_));
        action.headers.emplace_back("If-Range", validator_);
    }
    if (!request_.authorization.empty() && uri_.origin() == request_.uri.origin())
        action.headers.emplace_back("Authorization", request_.authorization);
    return action;
}

DownloadMachine::Action DownloadMachine::on_response(const ResponseHead& head)
{
    switch (head.status) {
    case 200: return take_whole(head);
    case 206: return take_rest(head);
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return redirect(head);
    case 416: // the resource is shorter than what is there: not the same one
        if (asked_from_ != 0) {
            validator_.clear();
            position_ = 0;
            return ask();
        }
        return refuse(head);
    default: return refuse(head);
    }
}

DownloadMachine::Action DownloadMachine::take_whole(const ResponseHead& head)
{
    if (head.content_length && *head.content_length > request_.max_size)
        return Fail{error_at(errc::body_too_large, fmt::format("has {} bytes; at most {} are taken",
                                                               *head.content_length, request_.max_size))};
    validator_ = validator_of(head);
    position_ = 0;
    return TakeBody{0, head.content_length};
}

DownloadMachine::Action DownloadMachine::take_rest(const ResponseHead& head)
{
    const auto range = parse_content_range(head.content_range);
    const bool fits = range && asked_from_ != 0 && range->first == asked_from_ &&
                      (!head.content_length || *head.content_length == range->last - range->first + 1) &&
                      (!range->total || range->last + 1 == *range->total);
    if (!fits) {
        validator_.clear(); // the next attempt asks for the whole
        return retry_or_fail(error_at(errc::malformed_response,
                                      fmt::format("answered with the range '{}' where bytes from {} were asked for",
                                                  head.content_range.substr(0, 100), asked_from_)),
                             std::nullopt);
    }
    if (range->last >= request_.max_size)
        return Fail{error_at(errc::body_too_large,
                             fmt::format("has more than the {} bytes that are taken", request_.max_size))};
    return TakeBody{asked_from_, range->total};
}

DownloadMachine::Action DownloadMachine::redirect(const ResponseHead& head)
{
    if (++redirects_ > policy_.max_redirects)
        return Fail{error_at(errc::too_many_redirects,
                             fmt::format("the server redirected more than {} times", policy_.max_redirects))};
    Uri target;
    try {
        target = uri_.resolve(head.location);
    } catch (const Error& error) {
        return Fail{error_at(errc::malformed_response, fmt::format("redirects to nowhere: {}", error.what()))};
    }
    if (uri_.scheme == "https" && target.scheme != "https")
        return Fail{error_at(errc::insecure_redirect,
                             fmt::format("redirects to {}, which is not encrypted", target.redacted()))};
    if (head.location.empty() || (target.scheme != "http" && target.scheme != "https"))
        return Fail{error_at(errc::malformed_response, fmt::format("redirects to '{}', which is not http or https",
                                                                   target.redacted()))};
    target.userinfo.clear();
    uri_ = std::move(target);
    return ask();
}

DownloadMachine::Action DownloadMachine::refuse(const ResponseHead& head)
{
    const auto said = fmt::format("the server answered {} {}", head.status, head.reason.substr(0, 100));
    if (is_worth_retrying(head.status)) {
        const auto code = head.status >= 500 ? errc::server_error : errc::request_rejected;
        return retry_or_fail(error_at(code, said), read_retry_after(head.retry_after));
    }
    if (head.status == 404 || head.status == 410)
        return Fail{error_at(errc::not_found, said)};
    if (head.status >= 500)
        return Fail{error_at(errc::server_error, said)};
    if (head.status >= 400)
        return Fail{error_at(errc::request_rejected, said + (head.status == 401 || head.status == 403
                                                                 ? ": it wants other credentials"
                                                                 : ""))};
    return Fail{error_at(errc::malformed_response, said + ", which is no answer to a GET")};
}

DownloadMachine::Action DownloadMachine::on_body_end()
{
    return Done{};
}

DownloadMachine::Action DownloadMachine::on_failure(const Error& error, std::uint64_t position)
{
    if (position >= position_ + worthwhile_progress)
        attempt_ = 0; // it went on: a server that gives a good piece each time is not a dead one
    position_ = position;
    if (!is_worth_retrying(error.code()))
        return Fail{error};
    return retry_or_fail(error, std::nullopt);
}

DownloadMachine::Action DownloadMachine::retry_or_fail(Error error, std::optional<milliseconds> retry_after)
{
    ++attempt_;
    const auto after_attempts = [&](std::string_view note) {
        if (attempt_ == 1 && note.empty())
            return error;
        return Error(error.code(), fmt::format("{} ({} attempt{}{})", error.what(), attempt_, attempt_ == 1 ? "" : "s", note));
    };
    if (attempt_ >= policy_.attempts)
        return Fail{after_attempts("")};
    if (retry_after && *retry_after > policy_.longest_retry_after)
        return Fail{after_attempts(fmt::format("; it asks to come back in {} s",
                                               std::chrono::ceil<std::chrono::seconds>(*retry_after).count()))};
    return Wait{retry_after ? *retry_after : backoff()};
}

/// Capped exponential backoff with full jitter: a random time up to the cap of this attempt, so that clients that
/// failed together do not come back together.
milliseconds DownloadMachine::backoff()
{
    const auto doublings = std::min(attempt_ - 1, 20u);
    const auto cap = std::min<double>(static_cast<double>(policy_.longest_backoff.count()),
                                      std::ldexp(static_cast<double>(policy_.first_backoff.count()), static_cast<int>(doublings)));
    return milliseconds(static_cast<milliseconds::rep>(cap * random_()));
}

/// Seconds, or an HTTP date: RFC 9110, section 10.2.3.
std::optional<milliseconds> DownloadMachine::read_retry_after(const std::string& text) const
{
    std::uint32_t seconds = 0;
    const char* const end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(text.data(), end, seconds); error == std::errc() && at == end)
        return std::chrono::seconds(seconds);
    std::tm date{};
    if (!::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date))
        return std::nullopt;
    const auto then = std::chrono::sys_seconds(std::chrono::seconds(::timegm(&date)));
    return std::max<milliseconds>(then - now_(), milliseconds(0));
}

DownloadMachine::Action DownloadMachine::on_waited()
{
    return ask();
}

Error DownloadMachine::error_at(errc code, std::string_view what) const
{
    return Error(code, fmt::format("{}: {}", uri_.redacted(), what));
}

} // namespace furiosa::http
