#pragma once

#include <furiosa/core/context.hpp>
#include <furiosa/model/model.hpp>
#include <furiosa/registry/manifest.hpp>
#include <furiosa/registry/registry.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace furiosa::model::detail {

/// What the handles of one model share. Immutable but for `fetched`.
struct ModelState : std::enable_shared_from_this<ModelState>
{
    ModelState(Context& c, registry::Registry r, std::shared_ptr<const registry::Manifest> m,
               const registry::ModelInfo& i)
        : context(c), registry(std::move(r)), manifest(std::move(m)), info(i), fetched(i.artifacts.size())
    {
    }

    static Model make(Context& context, registry::Registry registry,
                      std::shared_ptr<const registry::Manifest> manifest, const registry::ModelInfo& info)
    {
        return Model(std::make_shared<const ModelState>(context, std::move(registry), std::move(manifest), info));
    }

    std::optional<SharedBytes> fetched_bytes(std::size_t index) const
    {
        std::lock_guard lock(mutex);
        return fetched[index];
    }

    void remember(std::size_t index, const SharedBytes& bytes) const
    {
        std::lock_guard lock(mutex);
        fetched[index] = bytes;
    }

    /// What the I/O thread runs to fetch an artifact: `Artifact::fetch` without the hop to the caller. `progress` is
    /// called on the I/O thread.
    static boost::asio::awaitable<SharedBytes> fetch(Artifact artifact, store::ProgressFunction progress)
    {
        return Artifact::do_fetch(std::move(artifact), std::move(progress));
    }

    /// Fetches every artifact, several at a time, with one report of them together.
    static boost::asio::awaitable<void> fetch_all(Model model, store::ProgressFunction progress)
    {
        return Model::do_resolve_all(std::move(model), std::move(progress));
    }

    Context& context;
    const registry::Registry registry; // its URI is absolute
    const std::shared_ptr<const registry::Manifest> manifest; // keeps `info` alive
    const registry::ModelInfo& info;

private:
    mutable std::mutex mutex;
    mutable std::vector<std::optional<SharedBytes>> fetched;
};

} // namespace furiosa::model::detail
