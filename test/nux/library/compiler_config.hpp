#pragma once

#include <string_view>

namespace furiosa::test::nux {

/// Looks whether a text may be a mapping in YAML or JSON: the stand-in has no use for its keys. Throws invalid_yaml;
/// and invalid_compiler_config if one of them is `invalid: true`, for tests.
void check_compiler_config(std::string_view text);

} // namespace furiosa::test::nux
