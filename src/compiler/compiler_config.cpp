#include <furiosa/compiler/compiler_config.hpp>

#include <furiosa/core/error.hpp>

#ifdef FURIOSA_WITH_ONNX
#include <charconv>
#include <new>
#include <set>
#include <string>
#include <yaml.h>
#endif

namespace furiosa::compiler {

#ifdef FURIOSA_WITH_ONNX

namespace {

/// More than anybody writes: the reader's time and memory are bounded by the text.
constexpr std::size_t max_size = 64 * 1024;

/// Goes through the text event by event. What is not expected is refused where it begins, so nothing is nested deeper
/// than the two maps that are known.
class Reader
{
public:
    Reader(std::string_view text, CompileOptions& options) : options_(options)
    {
        if (!yaml_parser_initialize(&parser_))
            throw std::bad_alloc();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader()
    {
        yaml_event_delete(&event_);
        yaml_parser_delete(&parser_);
    }

    void read()
    {
        next(); // the stream begins
        if (next() == YAML_STREAM_END_EVENT)
            return; // nothing, or comments
        next(); // a document has begun
        if (!is_null())
            read_map("the config", [this](const std::string& key) { read_option(key); });
        next(); // the document ends
        if (next() != YAML_STREAM_END_EVENT)
            fail("a second document begins: there may be one");
    }

private:
    yaml_event_type_t next()
    {
        yaml_event_delete(&event_);
        if (yaml_parser_parse(&parser_, &event_))
            return event_.type;
        if (parser_.error == YAML_MEMORY_ERROR)
            throw std::bad_alloc();
        fail_at(parser_.problem_mark,
                fmt::format("is not YAML: {}", parser_.problem ? parser_.problem : "it is damaged"));
    }

    std::string_view scalar() const
    {
        return {reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length};
    }

    /// A scalar without quotes and tag: quotes make a text of anything.
    bool is_plain() const
    {
        return event_.type == YAML_SCALAR_EVENT && event_.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
               !event_.data.scalar.tag;
    }

    bool is_null() const { return is_plain() && (scalar().empty() || scalar() == "null" || scalar() == "~"); }

    /// Calls `visit` with each key, for it to go on to the value.
    template <class Visit>
    void read_map(std::string_view what, Visit visit)
    {
        if (event_.type != YAML_MAPPING_START_EVENT)
            fail(fmt::format("{} is not a map", what));
        std::set<std::string> keys;
        while (next() != YAML_MAPPING_END_EVENT) {
            if (event_.type != YAML_SCALAR_EVENT)
                fail(fmt::format("a key of {} is no name", what));
            const auto [key, is_new] = keys.emplace(scalar());
            if (!is_new)
                fail(fmt::format("'{}' is there twice", *key));
            visit(*key);
        }
    }

    void read_option(const std::string& key)
    {
        if (key == "tune") {
            next();
            options_.tune = boolean(key);
        } else if (key == "dimensions") {
            next();
            read_map("dimensions", [this](const std::string& name) {
                next();
                options_.dimensions[name] = size(name);
            });
        } else {
            fail(fmt::format("'{}' is not known: the keys are tune and dimensions", key));
        }
    }

    bool boolean(std::string_view key) const
    {
        if (!is_plain() || (scalar() != "true" && scalar() != "false"))
            fail(fmt::format("{} is neither true nor false", key));
        return scalar() == "true";
    }

    std::int64_t size(std::string_view name) const
    {
        std::int64_t number = 0;
        if (is_plain()) {
            const auto* const end = scalar().data() + scalar().size();
            const auto [rest, error] = std::from_chars(scalar().data(), end, number);
            if (rest == end && error == std::errc() && number > 0)
                return number;
        }
        fail(fmt::format("the size of dimension '{}' is not a whole number above 0", name));
    }

    [[noreturn]] void fail(std::string_view what) const { fail_at(event_.start_mark, what); }

    [[noreturn]] static void fail_at(const yaml_mark_t& mark, std::string_view what)
    {
        throw_error(errc::invalid_compiler_config, "the compiler config, line {}, column {}: {}", mark.line + 1,
                    mark.column + 1, what);
    }

    CompileOptions& options_;
    yaml_parser_t parser_{};
    yaml_event_t event_{};
};

} // namespace

void read_compiler_config(std::string_view text, CompileOptions& options)
{
    if (text.size() > max_size)
        throw_error(errc::invalid_compiler_config, "the compiler config has {} bytes: at most {} are read", text.size(),
                    max_size);
    Reader(text, options).read();
}

#else

void read_compiler_config(std::string_view text, CompileOptions&)
{
    if (!text.empty())
        throw_error(errc::not_supported,
                    "a compiler config, but this library was built without the ONNX frontend (CMake option "
                    "FURIOSA_WITH_ONNX)");
}

#endif

} // namespace furiosa::compiler
