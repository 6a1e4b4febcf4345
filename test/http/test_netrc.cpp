#include "http/netrc.hpp"

#include <catch2/catch.hpp>

using furiosa::http::find_in_netrc;

TEST_CASE("netrc gives a host its name and password, others the default")
{
    const auto text = "# private\nmachine a.example login ann password one\n"
                      "machine b.example\n\tlogin bob\n\tpassword \"two words\\\"\"\n"
                      "default login guest password none\n";
    CHECK(find_in_netrc(text, "a.example")->login == "ann");
    CHECK(find_in_netrc(text, "b.example")->password == "two words\"");
    CHECK(find_in_netrc(text, "c.example")->login == "guest");
}

TEST_CASE("a host that netrc does not name gets nothing")
{
    CHECK_FALSE(find_in_netrc("machine a login x password y", "b"));
    CHECK_FALSE(find_in_netrc("", "b"));
}

TEST_CASE("macros are skipped, and damage harms nothing")
{
    CHECK(find_in_netrc("macdef init\nmachine a login wrong password wrong\n\nmachine a login right", "a")
              ->login == "right");
    CHECK(find_in_netrc("machine a login", "a")->login.empty());
    CHECK(find_in_netrc("machine a password \"unterminated", "a")->password == "unterminated");
    CHECK_FALSE(find_in_netrc("machine", "a"));
}
