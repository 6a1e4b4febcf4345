#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>

namespace furiosa::registry {

class JsonReader;

/// A parsed JSON text that knows its name, for errors.
class JsonDocument
{
public:
    /// Throws errc::malformed_manifest with line and column.
    JsonDocument(std::string_view json, std::string_view name);

    JsonReader root() const;
    const std::string& name() const noexcept { return name_; }

private:
    std::string name_;
    simdjson::dom::parser parser_;
    simdjson::dom::element root_;
};

/// One value of a document, and the path to it. Whatever is missing or of another type throws
/// errc::malformed_manifest with that path. The document must outlive it.
class JsonReader
{
public:
    JsonReader(const JsonDocument& document, simdjson::dom::element value, std::string path)
        : document_(&document), value_(value), path_(std::move(path))
    {
    }

    /// The member of this object. A null counts as absent.
    JsonReader at(std::string_view key) const;
    std::optional<JsonReader> find(std::string_view key) const;

    std::string string() const;
    std::string string_or(std::string_view key, std::string_view otherwise = {}) const;
    std::int64_t integer() const;
    /// This value as JSON text.
    std::string json() const;

    void for_each(const std::function<void(const JsonReader&)>& visit) const;
    void for_each_field(const std::function<void(std::string_view, const JsonReader&)>& visit) const;

    const simdjson::dom::element& element() const noexcept { return value_; }

    /// "models[2].artifacts[0].size"
    const std::string& path() const noexcept { return path_; }

    /// Throws errc::malformed_manifest: "<document>: <path> <what>".
    [[noreturn]] void fail(std::string_view what) const;

private:
    const JsonDocument* document_;
    simdjson::dom::element value_;
    std::string path_;
};

} // namespace furiosa::registry
