#pragma once

#include <furiosa/model/artifact.hpp>
#include <furiosa/registry/model_info.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::model {

/// A model of a registry: an immutable handle, cheap to copy, safe to share among threads.
///
/// Its attributes are those of furiosa.registry.Model in Python. A Model must not outlive its Context.
class Model
{
public:
    /// An empty handle: only assignment, destruction and `operator bool` make sense.
    Model() = default;
    explicit operator bool() const noexcept { return state_ != nullptr; }

    const std::string& name() const noexcept { return info().name; }
    /// "onnx" or "tflite"
    const std::string& format() const noexcept { return info().format; }
    const std::string& family() const noexcept { return info().family; }
    const std::string& version() const noexcept { return info().version; }
    const std::string& task() const noexcept { return info().task; }
    const registry::Metadata& metadata() const noexcept { return info().metadata; }
    const std::map<std::string, std::string>& tags() const noexcept { return info().tags; }
    const std::vector<TensorDesc>& inputs() const noexcept { return info().inputs; }
    const std::vector<TensorDesc>& outputs() const noexcept { return info().outputs; }
    const std::vector<std::string>& labels() const noexcept { return info().labels; }
    /// A JSON object for the vendor's compiler, or empty: for SessionOptions::compiler_config, if you will.
    const std::string& compiler_config() const noexcept { return info().compiler_config; }
    /// The absolute URI of the manifest that describes it.
    const std::string& registry() const noexcept;
    Context& context() const noexcept;

    std::vector<Artifact> artifacts() const;

    /// The artifact of that kind (and target, if one is named), or an empty optional.
    std::optional<Artifact> find(registry::ArtifactKind kind, std::string_view target = {}) const;
    /// The same, but throws errc::unknown_artifact, which says what there is.
    Artifact at(registry::ArtifactKind kind, std::string_view target = {}) const;
    /// The ONNX or TFLite file that the model was made from. Throws errc::unknown_artifact if there is none.
    Artifact source_artifact() const;

    /// Bytes of the source, the DFG, the program for `target`: fetched when they are not there yet.
    boost::asio::awaitable<SharedBytes> source() const { return source_artifact().fetch(); }
    boost::asio::awaitable<SharedBytes> dfg() const { return at(registry::ArtifactKind::dfg).fetch(); }
    boost::asio::awaitable<SharedBytes> enf(std::string_view target = {}) const
    {
        return at(registry::ArtifactKind::enf, target).fetch();
    }

    /// Fetches every artifact, several at a time: void(std::exception_ptr). The first error cancels the others.
    template <class Token>
    auto async_resolve_all(boost::asio::any_io_executor executor, Token&& token) const
    {
        return async_resolve_all(std::move(executor), {}, std::forward<Token>(token));
    }

    /// `on_progress` is told on `executor` how far all of them together have come; in order where that is a strand, or
    /// a loop of one thread.
    template <class Token>
    auto async_resolve_all(boost::asio::any_io_executor executor, std::function<void(store::Progress)> on_progress,
                           Token&& token) const
    {
        return furiosa::detail::async_call<void>(
            context().io_executor(), executor,
            [model = *this, executor, on_progress = std::move(on_progress)] {
                return do_resolve_all_for(model, executor, on_progress);
            },
            std::forward<Token>(token));
    }
    boost::asio::awaitable<void> resolve_all(std::function<void(store::Progress)> on_progress = {}) const;

private:
    friend struct detail::ModelState;

    explicit Model(std::shared_ptr<const detail::ModelState> state) noexcept : state_(std::move(state)) {}
    const registry::ModelInfo& info() const noexcept;
    static boost::asio::awaitable<void> do_resolve_all_for(Model model, boost::asio::any_io_executor caller,
                                                           std::function<void(store::Progress)> on_progress);
    static boost::asio::awaitable<void> do_resolve_all(Model model, store::ProgressFunction progress);

    std::shared_ptr<const detail::ModelState> state_;
};

} // namespace furiosa::model
