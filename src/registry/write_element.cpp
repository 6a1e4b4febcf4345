#include "registry/write_element.hpp"

#include <algorithm>

namespace furiosa::registry {

namespace {

bool is_plain(const simdjson::dom::element& value)
{
    return !value.is_array() && !value.is_object();
}

bool is_list_of_plain_values(const simdjson::dom::element& value)
{
    if (!value.is_array())
        return false;
    const simdjson::dom::array list = value;
    return std::all_of(list.begin(), list.end(), is_plain);
}

std::string on_one_line(const simdjson::dom::element& list)
{
    std::string out;
    for (const auto value : simdjson::dom::array(list))
        out += (out.empty() ? "" : ", ") + simdjson::to_string(value);
    return "[" + out + "]";
}

} // namespace

void write_element(JsonWriter& json, const simdjson::dom::element& value)
{
    if (value.is_object()) {
        json.begin_object();
        for (const auto& [name, member] : simdjson::dom::object(value)) {
            json.key(name);
            write_element(json, member);
        }
        json.end_object();
    } else if (is_list_of_plain_values(value)) {
        json.raw(on_one_line(value));
    } else if (value.is_array()) {
        json.begin_array();
        for (const auto member : simdjson::dom::array(value))
            write_element(json, member);
        json.end_array();
    } else {
        json.raw(simdjson::to_string(value));
    }
}

} // namespace furiosa::registry
