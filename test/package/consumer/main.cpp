#include <furiosa/furiosa.hpp>

#include <cstdio>

namespace {

boost::asio::awaitable<void> load(std::string registry)
{
    const auto model = co_await furiosa::load_model("digits", registry);
    const auto source = co_await model.source();
    std::printf("%s: %zu bytes\n", model.name().c_str(), source.size());
}

} // namespace

int main(int, char** argv)
{
    furiosa::run_until_complete(load(argv[1]));
}
