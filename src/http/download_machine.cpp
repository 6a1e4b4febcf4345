#include <furiosa/http/download_machine.hpp>

#include "http/header_values.hpp"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <charconv>
#include <cmath>

namespace furiosa::http {

using std::chrono::milliseconds;

namespace {

/// So much makes an attempt a success of its own; less, and a server could drip for ever.
constexpr std::uint64_t worthwhile_progress = 1024 * 1024;

bool is_worth_retrying(unsigned status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool is_worth_retrying(const boost::system::error_code& code)
{
    return code == errc::connection_refused || code == errc::connection_failed || code == errc::truncated_body ||
           code == errc::idle_timeout || code == errc::too_slow || code == errc::malformed_response;
}

} // namespace

DownloadMachine::DownloadMachine(GetRequest request, RetryPolicy policy, std::function<double()> random,
                                 std::function<std::chrono::sys_seconds()> now)
    : request_(std::move(request)), policy_(policy), random_(std::move(random)), now_(std::move(now)),
      uri_(request_.uri)
{
    policy_.attempts = request_.attempts.value_or(policy_.attempts);
    if (request_.authorization.empty() && !uri_.userinfo.empty())
        request_.authorization = basic_authorization(percent_decode(uri_.userinfo));
}

DownloadMachine::Action DownloadMachine::start(std::uint64_t position, std::string validator)
{
    position_ = position;
    validator_ = std::move(validator);
    return ask();
}

DownloadMachine::Action DownloadMachine::start_range(ByteRange range, std::string validator)
{
    end_ = range.last;
    return start(range.first, std::move(validator));
}

DownloadMachine::Action DownloadMachine::ask()
{
    Ask action{uri_, request_.headers};
    // Without a validator nobody could tell whether the rest belongs to what is there: the whole is asked for.
    asked_range_ = end_ || (position_ != 0 && !validator_.empty());
    asked_from_ = asked_range_ ? position_ : 0;
    asked_end_ = end_;
    if (asked_range_) {
        action.headers.emplace_back("Range", end_ ? fmt::format("bytes={}-{}", asked_from_, *end_ - 1)
                                                  : fmt::format("bytes={}-", asked_from_));
        if (!validator_.empty())
            action.headers.emplace_back("If-Range", validator_);
    } else if (!request_.if_none_match.empty()) {
        action.headers.emplace_back("If-None-Match", request_.if_none_match);
    }
    if (!request_.authorization.empty() && uri_.origin() == request_.uri.origin())
        action.headers.emplace_back("Authorization", request_.authorization);
    return action;
}

DownloadMachine::Action DownloadMachine::on_response(const ResponseHead& head)
{
    throttled_ = head.status == 429 || head.status == 503;
    switch (head.status) {
    case 200:
    case 206:
        if (auto wrong = refuse_coding(head))
            return std::move(*wrong);
        etag_ = head.etag;
        return head.status == 200 ? take_whole(head) : take_rest(head);
    case 304:
        if (!asked_range_ && !request_.if_none_match.empty())
            return Unchanged{};
        return refuse(head);
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return redirect(head);
    case 416: // the resource is shorter than what is there: not the same one
        if (asked_range_ && !end_)
            return start_again(fmt::format("it has no bytes from {} on", asked_from_));
        return refuse(head);
    default: return refuse(head);
    }
}

/// Only plain bytes were asked for; chunks are all that may be around them.
std::optional<DownloadMachine::Action> DownloadMachine::refuse_coding(const ResponseHead& head) const
{
    const auto is = [](const std::string& coding, const char* plain) {
        return coding.empty() || boost::algorithm::iequals(coding, plain);
    };
    if (!is(head.content_encoding, "identity"))
        return Fail{error_at(errc::malformed_response, fmt::format("the body is encoded as '{}', though plain bytes were asked for",
                                                                   head.content_encoding.substr(0, 100)))};
    if (!is(head.transfer_encoding, "chunked"))
        return Fail{error_at(errc::malformed_response, fmt::format("the body is transferred as '{}', of which only 'chunked' is known",
                                                                   head.transfer_encoding.substr(0, 100)))};
    return std::nullopt;
}

DownloadMachine::Action DownloadMachine::take_whole(const ResponseHead& head)
{
    if (head.content_length && *head.content_length > request_.max_size)
        return Fail{error_at(errc::body_too_large, fmt::format("has {} bytes; at most {} are taken",
                                                               *head.content_length, request_.max_size))};
    validator_ = validator_of(head);
    position_ = 0;
    end_.reset();
    total_ = head.content_length;
    return TakeBody{0, total_, true, request_.max_size};
}

DownloadMachine::Action DownloadMachine::take_rest(const ResponseHead& head)
{
    const auto range = parse_content_range(head.content_range);
    const bool ends_well = range && ((asked_end_ && range->last + 1 == *asked_end_) ||
                                     (range->total && range->last + 1 == *range->total &&
                                      (!asked_end_ || range->last < *asked_end_)) ||
                                     (!asked_end_ && !range->total));
    const bool fits = asked_range_ && ends_well && range->first == asked_from_ &&
                      (!head.content_length || *head.content_length == range->last - range->first + 1);
    if (!fits)
        return start_again(fmt::format("it answered with the range '{}' where bytes from {} were asked for",
                                       head.content_range.substr(0, 100), asked_from_));
    if (validator_.starts_with('"') && !head.etag.empty() && head.etag != validator_)
        return start_again("it answered with bytes of another version than those that are here");
    if (range->last >= request_.max_size || range->total.value_or(0) > request_.max_size)
        return Fail{error_at(errc::body_too_large,
                             fmt::format("has more than the {} bytes that are taken", request_.max_size))};
    if (validator_.empty())
        validator_ = validator_of(head);
    total_ = range->total;
    return TakeBody{asked_from_, total_, false, range->last - range->first + 1};
}

/// What is here and what the server offers do not belong together: the next attempt takes the whole. A range is not
/// for this machine to widen.
DownloadMachine::Action DownloadMachine::start_again(std::string_view why)
{
    auto error = error_at(errc::malformed_response, why);
    if (end_)
        return Fail{std::move(error)};
    validator_.clear();
    position_ = 0;
    return retry_or_fail(std::move(error), std::nullopt);
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

DownloadMachine::Action DownloadMachine::on_body_end(std::uint64_t position)
{
    const auto wanted = end_ ? end_ : total_;
    if (wanted && position < *wanted)
        return on_failure(error_at(errc::truncated_body, fmt::format("the body ended at byte {} of {}", position, *wanted)),
                          position);
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
    const auto then = parse_http_date(text);
    if (!then)
        return std::nullopt;
    return std::max<milliseconds>(*then - now_(), milliseconds(0));
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
