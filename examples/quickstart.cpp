// From a name to an answer: serves a registry over HTTP, loads a model from it, compiles it, opens a session and
// classifies images.
//
//     quickstart                     the samples of the embedded registry
//     quickstart 3_mine.png …        images of one digit, white on black; the name's first character says which
//
// Exits with 1 when an image is misclassified, with 2 on an error.

#include "support/digit_image.hpp"
#include "support/static_server.hpp"

#include <furiosa/furiosa.hpp>

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace {

using Clock = std::chrono::steady_clock;

/// Prints how long a stage took.
class Stage
{
public:
    explicit Stage(const char* name) : name_(name) {}
    ~Stage()
    {
        const std::chrono::duration<double, std::milli> took = Clock::now() - started_;
        fmt::print("{:<28} {:8.2f} ms\n", name_, took.count());
    }

private:
    const char* name_;
    Clock::time_point started_ = Clock::now();
};

boost::asio::awaitable<furiosa::Model> load(std::string registry)
{
    Stage stage("load: fetch, verify, map");
    co_return co_await furiosa::load_model("digits", registry);
}

boost::asio::awaitable<furiosa::Session> open(const furiosa::Model& model)
{
    Stage stage("create session: compile");
    co_return co_await furiosa::create_session(model);
}

/// Whether the image shows what its name says.
boost::asio::awaitable<bool> classify(furiosa::Session& session, const furiosa::Model& model, std::filesystem::path path)
{
    std::vector<furiosa::Tensor> inputs;
    inputs.push_back(examples::load_digit_image(path));
    const auto started = Clock::now();
    const auto outputs = co_await session.run(std::move(inputs));
    const std::chrono::duration<double, std::milli> took = Clock::now() - started;

    const auto probabilities = outputs[0].as<float>();
    const auto best = static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
    const auto name = path.filename().native();
    const bool is_labelled = !name.empty() && name[0] >= '0' && name[0] <= '9';
    const bool right = !is_labelled || model.labels().at(best) == name.substr(0, 1);
    fmt::print("{:<28} {:8.2f} ms   {} with probability {:.3f}{}\n", name, took.count(), model.labels().at(best),
               probabilities[best], right ? "" : "   WRONG");
    co_return right;
}

boost::asio::awaitable<int> quickstart(std::string registry, std::vector<std::filesystem::path> images)
{
    const auto model = co_await load(registry);
    auto session = co_await open(model);
    session.print_summary();
    int wrong = 0;
    for (const auto& image : images) {
        const bool right = co_await classify(session, model, image);
        wrong += !right;
    }
    fmt::print("{} of {} right\n", images.size() - static_cast<std::size_t>(wrong), images.size());
    co_return wrong == 0 ? 0 : 1;
}

std::vector<std::filesystem::path> sample_images()
{
    std::vector<std::filesystem::path> images;
    for (const auto& entry : std::filesystem::directory_iterator(FURIOSA_EXAMPLES_REGISTRY "/images"))
        images.push_back(entry.path());
    std::ranges::sort(images);
    return images;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        const examples::StaticServer server(FURIOSA_EXAMPLES_REGISTRY);
        fmt::print("registry: {}\n", server.uri());
        std::vector<std::filesystem::path> images(argv + 1, argv + argc);
        if (images.empty())
            images = sample_images();
        return furiosa::run_until_complete(quickstart(server.uri(), images));
    } catch (const std::exception& error) {
        fmt::print(stderr, "quickstart: {}\n", error.what());
        return 2;
    }
}
