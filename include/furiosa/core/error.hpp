#pragma once

#include <furiosa/core/errc.hpp>

#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <string_view>

namespace furiosa {

/// The one exception of this library: a code for programs and a sentence for people.
///
/// The sentence names the thing (model, URI, file, tensor), what was wrong with it, and the mend.
/// Copying never throws.
class Error : public boost::system::system_error
{
public:
    Error(errc code, std::string_view sentence);
    Error(boost::system::error_code code, std::string_view sentence);

    /// The sentence, without the name of the code.
    const char* what() const noexcept override { return sentence_->c_str(); }

    /// The same error with `where` put before its sentence: "model 'digits': …".
    Error within(std::string_view where) const;

private:
    std::shared_ptr<const std::string> sentence_;
};

/// Throws Error(code, fmt::format(sentence, args…)).
template <class... Args>
[[noreturn]] void throw_error(errc code, fmt::format_string<Args...> sentence, Args&&... args)
{
    throw Error(code, fmt::format(sentence, std::forward<Args>(args)...));
}

/// The error code that an exception carries: that of a system_error, else `fallback`.
/// A null pointer gives success.
boost::system::error_code code_of(std::exception_ptr exception, errc fallback = errc::io_error) noexcept;

} // namespace furiosa
