#include <furiosa/core/error.hpp>

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

using furiosa::errc;

TEST_CASE("an error says its sentence and carries its code")
{
    const furiosa::Error error(errc::unknown_model, "model 'digitz': did you mean 'digits'?");
    CHECK(std::string(error.what()) == "model 'digitz': did you mean 'digits'?");
    CHECK(error.code() == errc::unknown_model);
    CHECK(std::string(error.code().category().name()) == "furiosa");
}

TEST_CASE("an error put within a place keeps its code")
{
    const auto error = furiosa::Error(errc::not_found, "404").within("model 'digits'");
    CHECK(std::string(error.what()) == "model 'digits': 404");
    CHECK(error.code() == errc::not_found);
}

TEST_CASE("cancelled and timed_out equal the generic conditions")
{
    CHECK(make_error_code(errc::cancelled) == boost::system::errc::operation_canceled);
    CHECK(make_error_code(errc::timed_out) == boost::system::errc::timed_out);
    CHECK_FALSE(make_error_code(errc::not_found) == boost::system::errc::operation_canceled);
}

TEST_CASE("code_of reads the code of any exception")
{
    using furiosa::code_of;
    CHECK(code_of(nullptr) == boost::system::error_code());
    CHECK(code_of(std::make_exception_ptr(furiosa::Error(errc::disk_full, ""))) == errc::disk_full);
    CHECK(code_of(std::make_exception_ptr(boost::system::system_error(boost::asio::error::operation_aborted))) ==
          errc::cancelled);
    CHECK(code_of(std::make_exception_ptr(std::runtime_error("")), errc::io_error) == errc::io_error);
}
