#include "cli/settings.hpp"

namespace furiosa::cli {

store::Store& Settings::open_store(Context& context) const
{
    return context.emplace<store::Store>(store::StoreOptions{cache, {}});
}

LoadOptions Settings::load_options(Context& context) const
{
    LoadOptions options(registry);
    options.context = &context;
    return options;
}

} // namespace furiosa::cli
