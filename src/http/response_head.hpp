#pragma once

#include <furiosa/http/download_machine.hpp>

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace furiosa::http {

/// What a download decides by, of a header that was parsed.
template <class Body>
ResponseHead response_head(const boost::beast::http::response_parser<Body>& parser)
{
    using boost::beast::http::field;
    const auto& message = parser.get();
    const auto text = [&](field name) {
        const auto value = message[name];
        return std::string(value.data(), value.size());
    };
    ResponseHead head;
    head.status = message.result_int();
    head.reason.assign(message.reason().data(), message.reason().size());
    if (const auto length = parser.content_length())
        head.content_length = *length;
    head.content_range = text(field::content_range);
    head.content_encoding = text(field::content_encoding);
    head.transfer_encoding = text(field::transfer_encoding);
    head.date = text(field::date);
    head.location = text(field::location);
    head.etag = text(field::etag);
    head.last_modified = text(field::last_modified);
    head.retry_after = text(field::retry_after);
    return head;
}

} // namespace furiosa::http
