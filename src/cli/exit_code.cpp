#include "cli/exit_code.hpp"

#include <furiosa/core/errc.hpp>

namespace furiosa::cli {

int exit_code_of(const boost::system::error_code& code)
{
    if (code.category() != error_category())
        return exit_code::internal;
    switch (static_cast<errc>(code.value())) {
    case errc::invalid_argument:
    case errc::invalid_uri:
    case errc::unknown_scheme:
    case errc::invalid_device_config:
    case errc::invalid_compiler_config:
    case errc::wrong_tensor_count:
    case errc::wrong_tensor_name:
    case errc::wrong_data_type:
    case errc::wrong_shape: return exit_code::usage;
    case errc::unknown_model:
    case errc::unknown_artifact:
    case errc::not_found:
    case errc::file_not_found:
    case errc::not_in_store: return exit_code::not_found;
    case errc::timed_out:
    case errc::host_not_found:
    case errc::connection_refused:
    case errc::connection_failed:
    case errc::tls_failed:
    case errc::idle_timeout:
    case errc::too_slow:
    case errc::proxy_failed:
    case errc::request_rejected:
    case errc::server_error:
    case errc::malformed_response:
    case errc::header_too_large:
    case errc::too_many_redirects:
    case errc::insecure_redirect:
    case errc::truncated_body: return exit_code::network;
    case errc::body_too_large:
    case errc::size_mismatch:
    case errc::digest_mismatch:
    case errc::malformed_manifest:
    case errc::uri_outside_registry:
    case errc::malformed_model:
    case errc::invalid_shape:
    case errc::malformed_program:
    case errc::program_version_mismatch:
    case errc::malformed_tensor: return exit_code::wrong;
    case errc::store_not_writable:
    case errc::disk_full:
    case errc::io_error: return exit_code::storage;
    case errc::not_supported:
    case errc::unsupported_operator:
    case errc::dynamic_dimension:
    case errc::program_target_mismatch:
    case errc::device_not_found: return exit_code::unsupported;
    default: return exit_code::internal;
    }
}

} // namespace furiosa::cli
