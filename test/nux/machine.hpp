#pragma once

#include "device/npu_tree.hpp"
#include "nux/nux_fixture.hpp"

#include <furiosa/device/devices.hpp>
#include <furiosa/furiosa.hpp>
#include <furiosa/registry/publish.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <future>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace furiosa::test {

/// A machine with two Warboys, those of the stand-in.
class Machine
{
public:
    explicit Machine(const char* library = NuxStandIn::path)
    {
        tree_.add_warboy(0);
        tree_.add_warboy(1);
        auto roots = tree_.roots();
        roots.probe = [](const std::filesystem::path& file) {
            const bool taken = NuxStandIn::instance().nux_stand_in_is_taken(file.filename().c_str());
            return taken ? std::make_error_code(std::errc::device_or_resource_busy) : std::error_code();
        };
        context_.emplace().emplace<device::Devices>(std::move(roots), library);
        context_->emplace<store::Store>(store::StoreOptions{file("store")});
        tree_.write("doubling.onnx", NuxFixture::doubling());
    }

    std::filesystem::path file(const std::string& name) const { return tree_.dev().parent_path() / name; }
    const NpuTree& tree() const { return tree_; }

    /// Of the model that doubles, unless another one is given.
    Session create(const std::string& device = "npu:0:0", std::optional<session::SessionSource> source = {},
                   const std::string& config = "")
    {
        SessionOptions options(device);
        options.compiler_config = config;
        return create(std::move(options), std::move(source));
    }
    Session create(SessionOptions options, std::optional<session::SessionSource> source = {})
    {
        options.context = &*context_;
        return run_until_complete(create_session(source ? *std::move(source) : file("doubling.onnx"), options));
    }

    /// Of the registry in the folder "models".
    Model load(const std::string& name)
    {
        registry::publish(file("models"));
        return load(name, "models");
    }
    Model load(const std::string& name, const std::string& folder)
    {
        LoadOptions options(file(folder).native());
        options.context = &*context_;
        return blocking::load_model(name, options);
    }

    /// Whoever runs waits for an answer of the device: on a thread of its own, so that a test can act meanwhile.
    std::future<std::vector<Tensor>> run(Session& session, float value)
    {
        return boost::asio::co_spawn(context_->io_executor(), session.run(inputs(value)), boost::asio::use_future);
    }

    std::vector<std::future<std::vector<Tensor>>> run_many(Session& session, std::size_t count)
    {
        std::vector<std::future<std::vector<Tensor>>> runs;
        for (std::size_t i = 0; i != count; ++i)
            runs.push_back(run(session, static_cast<float>(i)));
        boost::asio::post(context_->io_executor(), boost::asio::use_future([] {})).get(); // all have been submitted
        return runs;
    }
    /// The same, of a device that dies when so many have begun. What other devices have stays there.
    std::vector<std::future<std::vector<Tensor>>> run_many_until_death(Session& session, std::size_t count,
                                                                       std::size_t begun, const char* device)
    {
        const auto& nux = NuxStandIn::instance();
        nux.nux_stand_in_hold();
        auto runs = run_many(session, count);
        nux.nux_stand_in_wait_for_started(begun);
        REQUIRE(nux.nux_stand_in_terminate(device) == 0);
        return runs;
    }
    /// Whether each run of `run_many(session, count)` was answered, and right.
    static bool are_right(std::vector<std::future<std::vector<Tensor>>>& runs)
    {
        bool right = true;
        for (std::size_t i = 0; i != runs.size(); ++i)
            right = runs[i].get().at(0).as<float>()[3] == 2 * static_cast<float>(i) && right;
        return right;
    }

    static std::vector<Tensor> inputs(float value)
    {
        const std::vector<float> values(4, value);
        std::vector<Tensor> tensors;
        tensors.push_back(Tensor::of(Shape{1, 4}, std::span<const float>(values)));
        return tensors;
    }

    /// Waits until the sessions of the runtime have ended.
    void shut_down() { context_.reset(); }

private:
    NpuTree tree_;
    std::optional<Context> context_;
};

} // namespace furiosa::test
