#include "core/json_writer.hpp"

#include <catch2/catch.hpp>

#include <limits>

using furiosa::JsonWriter;

namespace {

std::string text_of(std::string_view text)
{
    JsonWriter json;
    json.string(text);
    return json.take();
}

} // namespace

TEST_CASE("numbers are written as numbers, and what is not finite as null")
{
    JsonWriter json;
    json.begin_line();
    json.begin_object();
    json.field("size", std::uint64_t{18'446'744'073'709'551'615u});
    json.field("offset", -3);
    json.field("mean", 1.25);
    json.field("nothing", std::numeric_limits<double>::quiet_NaN());
    json.field("known", true);
    json.end_object();
    CHECK(json.take() == "{\"size\": 18446744073709551615, \"offset\": -3, \"mean\": 1.250, \"nothing\": null, "
                         "\"known\": true}\n");
}

TEST_CASE("only what is asked for stands on one line")
{
    JsonWriter json;
    json.begin_array();
    for (int i = 0; i != 2; ++i) {
        json.begin_line();
        json.begin_object();
        json.field("i", i);
        json.end_object();
        json.end_line();
    }
    json.end_array();
    CHECK(json.take() == "[\n  {\"i\": 0},\n  {\"i\": 1}\n]\n");
}

TEST_CASE("hostile text cannot break out of its string, nor make it another encoding")
{
    CHECK(text_of("a\"}, \\ \n\x01") == "\"a\\\"}, \\\\ \\n\\u0001\"\n");
    CHECK(text_of("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88") == "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88\"\n");
    const std::string wrong = "\xef\xbf\xbd";
    CHECK(text_of("\xff") == "\"" + wrong + "\"\n");
    CHECK(text_of("\xc3") == "\"" + wrong + "\"\n");                     // ends in the middle
    CHECK(text_of("\xc3(") == "\"" + wrong + "(\"\n");                   // goes on as something else
    CHECK(text_of("\xc0\xaf") == "\"" + wrong + wrong + "\"\n");         // longer than need be
    CHECK(text_of("\xed\xa0\x80") == "\"" + wrong + wrong + wrong + "\"\n"); // half of a pair
}
