#include <furiosa/registry/publish.hpp>

#include "core/json_writer.hpp"
#include "registry/json_reader.hpp"
#include "registry/model_folder.hpp"
#include "registry/write_element.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/uri.hpp>
#include <furiosa/registry/manifest.hpp>
#include <furiosa/registry/registries.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <set>
#include <unistd.h>

namespace furiosa::registry {

namespace fs = std::filesystem;

namespace {

std::string read_text(const fs::path& path)
{
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error || size > max_manifest_size)
        throw_error(errc::malformed_manifest, "{}: {}", path.native(),
                    error ? error.message() : std::string("is larger than any manifest may be"));
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (file.bad())
        throw_error(errc::io_error, "{}: cannot be read", path.native());
    return text;
}

/// Writes size and digest of a file: what the manifest must say of it.
void write_facts(JsonWriter& json, const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    store::Hasher hasher(store::DigestAlgorithm::sha256);
    std::vector<char> piece(1024 * 1024);
    std::uint64_t size = 0;
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
        const auto count = static_cast<std::size_t>(file.gcount());
        hasher.update(std::as_bytes(std::span(piece)).first(count));
        size += count;
    }
    if (!file.eof())
        throw_error(errc::io_error, "{}: cannot be read", path.native());
    json.field("size", size);
    json.field("sha256", hasher.finish().hex());
}

void write_file(const fs::path& path, std::string_view text)
{
    auto fail = [&](const fs::path& where) {
        throw_error(errc::io_error, "{}: cannot be written: {}", where.native(), std::strerror(errno));
    };
    const fs::path next = path.native() + ".new";
    const int descriptor = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0)
        fail(next);
    const auto written = ::write(descriptor, text.data(), text.size());
    const bool whole = written == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    const int error = errno;
    if (::close(descriptor) != 0 || !whole || ::rename(next.c_str(), path.c_str()) != 0) {
        errno = whole ? errno : error;
        ::unlink(next.c_str());
        fail(path);
    }
}

/// Goes over the old manifest and the files, and writes the new manifest.
class Publisher
{
public:
    explicit Publisher(const fs::path& folder) : folder_(folder), files_(find_model_files(folder)) {}

    /// Files that the old manifest names are not new, whatever their names say.
    void forget_known(const JsonDocument& old)
    {
        std::set<std::string> known;
        const auto models = old.root().find("models");
        if (!models)
            return;
        models->for_each([&](const JsonReader& model) {
            if (const auto artifacts = model.find("artifacts"))
                artifacts->for_each([&](const JsonReader& artifact) {
                    const auto uri = artifact.at("uri").string();
                    if (!is_elsewhere(uri))
                        known.insert(relative(uri));
                });
        });
        std::erase_if(files_, [&](const ModelFile& file) { return known.contains(file.path); });
    }

    /// `old` may be null.
    std::string write(const JsonDocument* old)
    {
        json_.begin_object();
        std::optional<JsonReader> models;
        if (old) {
            copy_fields(old->root(), {"models", "format_version"});
            models = old->root().find("models");
        }
        json_.field("format_version", std::uint64_t{1});
        json_.key("models");
        json_.begin_array();
        if (models)
            models->for_each([this](const JsonReader& model) { write_known(model); });
        write_new();
        json_.end_array();
        json_.end_object();
        return json_.take();
    }

    Published report;

private:
    void copy_fields(const JsonReader& object, std::initializer_list<std::string_view> but)
    {
        object.for_each_field([&](std::string_view key, const JsonReader& value) {
            if (std::ranges::find(but, key) != but.end())
                return;
            json_.key(key);
            write_element(json_, value.element());
        });
    }

    void write_known(const JsonReader& model)
    {
        const auto name = model.at("name").string();
        const auto version = model.string_or("version");
        std::vector<JsonReader> kept;
        if (const auto artifacts = model.find("artifacts"))
            artifacts->for_each([&](const JsonReader& artifact) {
                if (is_there(artifact))
                    kept.push_back(artifact);
            });
        const auto fresh = take_files(name, version);
        if (kept.empty() && fresh.empty())
            return;
        ++report.models;
        json_.begin_object();
        copy_fields(model, {"artifacts"});
        json_.key("artifacts");
        json_.begin_array();
        for (const auto& artifact : kept)
            write_known_artifact(artifact);
        for (const auto& file : fresh)
            write_new_artifact(file);
        json_.end_array();
        json_.end_object();
    }

    void write_new()
    {
        while (!files_.empty()) {
            const auto first = files_.front();
            const auto files = take_files(first.model, first.version);
            ++report.models;
            json_.begin_object();
            json_.field("name", first.model);
            for (const auto& file : files)
                if (file.kind == ArtifactKind::onnx || file.kind == ArtifactKind::tflite) {
                    json_.field("format", to_string(file.kind));
                    break;
                }
            if (!first.version.empty())
                json_.field("version", first.version);
            json_.key("artifacts");
            json_.begin_array();
            for (const auto& file : files)
                write_new_artifact(file);
            json_.end_array();
            json_.end_object();
        }
    }

    /// A file that is gone is no artifact any more; one elsewhere is none of this folder's business.
    bool is_there(const JsonReader& artifact)
    {
        const auto uri = artifact.at("uri").string();
        if (is_elsewhere(uri) || fs::is_regular_file(file_of(uri)))
            return true;
        report.removed.push_back(uri);
        return false;
    }

    static bool is_elsewhere(const std::string& uri) { return uri.find("://") != std::string::npos; }
    fs::path file_of(const std::string& uri) const { return folder_ / relative(uri); }
    static std::string relative(const std::string& uri)
    {
        return fs::path(http::percent_decode(uri.substr(0, uri.find_first_of("?#")))).lexically_normal().generic_string();
    }

    void write_known_artifact(const JsonReader& artifact)
    {
        const auto uri = artifact.at("uri").string();
        json_.begin_object();
        if (is_elsewhere(uri)) {
            copy_fields(artifact, {});
        } else {
            copy_fields(artifact, {"size", "sha256", "md5"});
            write_facts(json_, file_of(uri));
            report.files.push_back(relative(uri));
        }
        json_.end_object();
    }

    void write_new_artifact(const ModelFile& file)
    {
        json_.begin_object();
        json_.field("kind", to_string(file.kind));
        if (!file.target.empty())
            json_.field("target", file.target);
        json_.field("uri", http::percent_encode_path(file.path));
        write_facts(json_, folder_ / file.path);
        json_.end_object();
        report.files.push_back(file.path);
        report.added.push_back(file.path);
    }

    /// The files of a model that no artifact of the old manifest names.
    std::vector<ModelFile> take_files(const std::string& name, const std::string& version)
    {
        std::vector<ModelFile> taken;
        std::erase_if(files_, [&](const ModelFile& file) {
            const bool fits = file.model == name && (file.version == version || file.version.empty());
            if (fits)
                taken.push_back(file);
            return fits;
        });
        return taken;
    }

    fs::path folder_;
    std::vector<ModelFile> files_; // that stand in no manifest yet
    JsonWriter json_;
};

} // namespace

Published publish(const fs::path& folder)
{
    const auto path = folder / "artifacts.json";
    Publisher publisher(folder);
    std::string before;
    std::optional<JsonDocument> old;
    if (fs::exists(path)) {
        before = read_text(path);
        old.emplace(before, path.native());
        publisher.forget_known(*old);
    }
    const auto text = publisher.write(old ? &*old : nullptr);
    parse_manifest(text, Registries::resolve_name(folder.native()));
    publisher.report.changed = text != before;
    if (publisher.report.changed)
        write_file(path, text);
    return std::move(publisher.report);
}

} // namespace furiosa::registry
