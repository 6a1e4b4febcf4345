#include <furiosa/core/error.hpp>

#include <boost/asio/error.hpp>

namespace furiosa {

Error::Error(errc code, std::string_view sentence) : Error(make_error_code(code), sentence) {}

Error::Error(boost::system::error_code code, std::string_view sentence)
    : system_error(code), sentence_(std::make_shared<const std::string>(sentence))
{
}

Error Error::within(std::string_view where) const
{
    return Error(code(), fmt::format("{}: {}", where, *sentence_));
}

boost::system::error_code code_of(std::exception_ptr exception, errc fallback) noexcept
{
    if (!exception)
        return {};
    try {
        std::rethrow_exception(exception);
    } catch (const boost::system::system_error& error) {
        return error.code() == boost::asio::error::operation_aborted ? make_error_code(errc::cancelled)
                                                                    : error.code();
    } catch (...) {
        return fallback;
    }
}

} // namespace furiosa
