#include <furiosa/core/errc.hpp>

#include <boost/system/errc.hpp>

namespace furiosa {

namespace {

const char* message_of(errc e) noexcept
{
    switch (e) {
    case errc::cancelled: return "the operation was cancelled";
    case errc::timed_out: return "the operation timed out";
    case errc::invalid_argument: return "an argument is not valid";
    case errc::would_deadlock: return "a blocking call from the thread that it would wait for";
    case errc::not_supported: return "not supported";
    case errc::out_of_memory: return "out of memory";
    case errc::invalid_uri: return "not a valid URI";
    case errc::unknown_scheme: return "no transport for this URI scheme";
    case errc::host_not_found: return "the host name could not be resolved";
    case errc::connection_refused: return "the connection was refused";
    case errc::connection_failed: return "the connection failed";
    case errc::tls_failed: return "the TLS handshake or certificate verification failed";
    case errc::idle_timeout: return "no data came for too long";
    case errc::too_slow: return "data came more slowly than the minimum rate";
    case errc::proxy_failed: return "the proxy refused, or its address is not usable";
    case errc::not_found: return "the server has no such resource";
    case errc::request_rejected: return "the server rejected the request";
    case errc::server_error: return "the server failed";
    case errc::malformed_response: return "the server's answer is malformed";
    case errc::header_too_large: return "the response header is too large";
    case errc::too_many_redirects: return "too many redirects";
    case errc::insecure_redirect: return "a redirect from https to http was refused";
    case errc::truncated_body: return "the connection ended before the whole body had come";
    case errc::body_too_large: return "the body is larger than allowed";
    case errc::size_mismatch: return "the size is not the expected one";
    case errc::digest_mismatch: return "the digest is not the expected one";
    case errc::store_not_writable: return "the store cannot be written";
    case errc::disk_full: return "no space left on the device";
    case errc::file_not_found: return "no such file";
    case errc::io_error: return "input or output failed";
    case errc::not_in_store: return "the store does not hold this artifact";
    case errc::unknown_model: return "no model of this name";
    case errc::unknown_artifact: return "the model has no such artifact";
    case errc::malformed_manifest: return "the manifest is malformed";
    case errc::uri_outside_registry: return "the URI leads out of the registry";
    case errc::malformed_model: return "the model file is malformed";
    case errc::unsupported_operator: return "an operator or attribute is not supported";
    case errc::dynamic_dimension: return "a dimension is not known";
    case errc::invalid_shape: return "not a valid shape";
    case errc::invalid_compiler_config: return "not a valid compiler config";
    case errc::malformed_program: return "the program file is malformed";
    case errc::program_version_mismatch: return "the program file is of another format version";
    case errc::program_target_mismatch: return "the program was compiled for another target";
    case errc::invalid_device_config: return "not a valid device notation";
    case errc::device_not_found: return "no such device";
    case errc::device_busy: return "the device is in use";
    case errc::device_failed: return "the device failed";
    case errc::device_lost: return "the device, or the session on it, is gone";
    case errc::queue_closed: return "the device queue is closed";
    case errc::session_closed: return "the session is closed";
    case errc::wrong_tensor_count: return "wrong number of tensors";
    case errc::wrong_tensor_name: return "no tensor of this name";
    case errc::wrong_data_type: return "wrong data type";
    case errc::wrong_shape: return "wrong shape";
    case errc::malformed_tensor: return "the tensor file is malformed";
    }
    return "unknown error";
}

class Category final : public boost::system::error_category
{
public:
    const char* name() const noexcept override { return "furiosa"; }

    std::string message(int value) const override { return message_of(static_cast<errc>(value)); }

    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        switch (static_cast<errc>(value)) {
        case errc::cancelled: return make_error_condition(boost::system::errc::operation_canceled);
        case errc::timed_out: return make_error_condition(boost::system::errc::timed_out);
        default: return {value, *this};
        }
    }
};

} // namespace

const boost::system::error_category& error_category() noexcept
{
    static const Category category;
    return category;
}

} // namespace furiosa
