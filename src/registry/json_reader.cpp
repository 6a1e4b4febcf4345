#include "registry/json_reader.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>

namespace furiosa::registry {

namespace {

namespace ondemand = simdjson::ondemand;

/// Deeper than any manifest; the parser that walks does not count by itself.
constexpr int max_depth = 200;

/// Reads every value of a text that is known to be broken, until the parser stumbles.
simdjson::error_code walk(ondemand::value value, int depth = 0)
{
    if (depth > max_depth)
        return simdjson::DEPTH_ERROR;
    ondemand::json_type type;
    if (const auto error = value.type().get(type))
        return error;
    switch (type) {
    case ondemand::json_type::array: {
        ondemand::array array;
        if (const auto error = value.get_array().get(array))
            return error;
        for (auto element : array) {
            ondemand::value inner;
            if (const auto error = element.get(inner))
                return error;
            if (const auto error = walk(inner, depth + 1))
                return error;
        }
        return simdjson::SUCCESS;
    }
    case ondemand::json_type::object: {
        ondemand::object object;
        if (const auto error = value.get_object().get(object))
            return error;
        for (auto field : object) {
            ondemand::value inner;
            if (const auto error = field.value().get(inner))
                return error;
            if (const auto error = walk(inner, depth + 1))
                return error;
        }
        return simdjson::SUCCESS;
    }
    case ondemand::json_type::string: {
        std::string_view text;
        return value.get_string().get(text);
    }
    case ondemand::json_type::number: {
        double number;
        return value.get_double().get(number);
    }
    case ondemand::json_type::boolean: {
        bool truth;
        return value.get_bool().get(truth);
    }
    case ondemand::json_type::null: {
        bool null = false;
        if (const auto error = value.is_null().get(null))
            return error;
        return null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
    }
    return simdjson::SUCCESS;
}

/// Where the fast parser, which does not say, found a mistake: " at line 3, column 17", or nothing if unknown.
std::string locate_mistake(std::string_view json)
{
    ondemand::parser parser;
    const simdjson::padded_string padded(json);
    ondemand::document document;
    ondemand::value root;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS || document.get_value().get(root) != simdjson::SUCCESS)
        return {};
    if (walk(root) == simdjson::SUCCESS)
        return {};
    const char* place = nullptr;
    if (document.current_location().get(place) != simdjson::SUCCESS)
        return {};
    const auto before = std::string_view(padded.data(), static_cast<std::size_t>(place - padded.data()));
    const auto line = 1 + std::ranges::count(before, '\n');
    const auto column = before.size() - (before.find_last_of('\n') + 1) + 1;
    return fmt::format(" near line {}, column {}", line, column);
}

} // namespace

JsonDocument::JsonDocument(std::string_view json, std::string_view name) : name_(name)
{
    const auto error = parser_.parse(json.data(), json.size()).get(root_);
    if (error)
        throw_error(errc::malformed_manifest, "{}: is not JSON{}: {}", name_, locate_mistake(json),
                    simdjson::error_message(error));
}

JsonReader JsonDocument::root() const
{
    return {*this, root_, ""};
}

void JsonReader::fail(std::string_view what) const
{
    throw_error(errc::malformed_manifest, "{}: {} {}", document_->name(), path_.empty() ? "the document" : path_, what);
}

std::optional<JsonReader> JsonReader::find(std::string_view key) const
{
    simdjson::dom::object object;
    if (value_.get(object))
        fail("is not an object");
    simdjson::dom::element member;
    if (object.at_key(key).get(member) || member.is_null())
        return std::nullopt;
    return JsonReader(*document_, member, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key));
}

JsonReader JsonReader::at(std::string_view key) const
{
    if (auto member = find(key))
        return std::move(*member);
    fail(fmt::format("has no \"{}\"", key));
}

std::string JsonReader::string() const
{
    std::string_view text;
    if (value_.get(text))
        fail("is not a string");
    return std::string(text);
}

std::string JsonReader::string_or(std::string_view key, std::string_view otherwise) const
{
    const auto member = find(key);
    return member ? member->string() : std::string(otherwise);
}

std::int64_t JsonReader::integer() const
{
    std::int64_t number;
    if (value_.get(number))
        fail("is not a whole number");
    return number;
}

std::string JsonReader::json() const
{
    return simdjson::minify(value_);
}

void JsonReader::for_each(const std::function<void(const JsonReader&)>& visit) const
{
    simdjson::dom::array array;
    if (value_.get(array))
        fail("is not an array");
    std::size_t index = 0;
    for (const auto element : array)
        visit(JsonReader(*document_, element, fmt::format("{}[{}]", path_, index++)));
}

void JsonReader::for_each_field(const std::function<void(std::string_view, const JsonReader&)>& visit) const
{
    simdjson::dom::object object;
    if (value_.get(object))
        fail("is not an object");
    for (const auto field : object)
        visit(field.key, JsonReader(*document_, field.value, fmt::format("{}.{}", path_, field.key)));
}

} // namespace furiosa::registry
