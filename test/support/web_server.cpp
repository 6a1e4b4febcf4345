#include "support/web_server.hpp"

#include "support/fault_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace furiosa::test {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 10s;
constexpr auto poll_interval = 5ms;

/// One process, without a master that could leave its workers behind.
constexpr auto nginx_configuration = R"(
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format tabs '$request_uri\t$status\t$http_range\t$http_if_range';
  access_log {folder}/access.log tabs;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on;
  gzip on;
  gzip_types *;
  gzip_min_length 1;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    root {root};
    location ~ ^/moved/301/(.*)$ {{ return 301 /$1; }}
    location ~ ^/moved/302/(.*)$ {{ return 302 /$1; }}
    location ~ ^/moved/307/(.*)$ {{ return 307 /$1; }}
    location ~ ^/moved/308/(.*)$ {{ return 308 /$1; }}
  }}
}}
)";

constexpr auto caddy_configuration = R"({{
  admin off
  auto_https off
  storage file_system {folder}/storage
}}
http://127.0.0.1:{port} {{
  root * {root}
  encode {{
    gzip
    minimum_length 1
    match header Content-Type *
  }}
  @moved path_regexp moved ^/moved/(\d+)/(.*)$
  redir @moved /{{re.moved.2}} {{re.moved.1}}
  file_server
  log {{
    output file {folder}/access.log
    format json
  }}
}}
)";

std::string configuration(WebServerKind kind, const fs::path& folder, const fs::path& root, std::uint16_t port)
{
    const auto* const pattern = kind == WebServerKind::nginx ? nginx_configuration : caddy_configuration;
    return fmt::format(fmt::runtime(pattern), fmt::arg("folder", folder.native()), fmt::arg("root", root.native()),
                       fmt::arg("port", port));
}

LoggedRequest read_tabs(const std::string& line)
{
    std::istringstream fields(line);
    LoggedRequest request;
    std::string status;
    std::getline(fields, request.target, '\t');
    std::getline(fields, status, '\t');
    std::getline(fields, request.range, '\t');
    std::getline(fields, request.if_range, '\t');
    request.status = static_cast<unsigned>(std::stoul(status));
    for (auto* field : {&request.range, &request.if_range}) {
        if (*field == "-")
            field->clear();
        for (auto at = field->find("\\x22"); at != std::string::npos; at = field->find("\\x22"))
            field->replace(at, 4, "\""); // nginx escapes quotes in its log
    }
    return request;
}

/// What stands between `before` and `after`, or nothing. Caddy's log has each of these fields once a line.
std::string between(const std::string& line, std::string_view before, std::string_view after)
{
    const auto at = line.find(before);
    if (at == std::string::npos)
        return {};
    const auto from = at + before.size();
    return line.substr(from, line.find(after, from) - from);
}

LoggedRequest read_json(const std::string& line)
{
    LoggedRequest request;
    request.target = between(line, R"("uri":")", "\"");
    request.status = static_cast<unsigned>(std::stoul("0" + between(line, R"("status":)", ",")));
    request.range = between(line, R"("Range":[")", "\"]");
    request.if_range = between(line, R"("If-Range":[")", "\"]");
    std::erase(request.if_range, '\\');
    return request;
}

} // namespace

std::string to_string(WebServerKind kind)
{
    return kind == WebServerKind::nginx ? "nginx" : "caddy";
}

WebServer::WebServer(WebServerKind kind) : kind_(kind), root_(folder_.path() / "www")
{
    publish(".name", folder_.path().native());
    for (int attempt = 0; attempt != 10; ++attempt)
        if (start())
            return;
    throw std::runtime_error(fmt::format("{} does not start: {}", to_string(kind), text_of(folder_.path() / "output")));
}

WebServer::~WebServer()
{
    process_->send(SIGTERM);
    process_->wait(patience);
}

void WebServer::publish(const fs::path& name, std::string_view content, fs::file_time_type changed) const
{
    const auto made = folder_.write(fmt::format("publication-{}", published_++), content);
    fs::last_write_time(made, changed);
    fs::create_directories((root_ / name).parent_path());
    fs::rename(made, root_ / name);
}

std::string WebServer::uri(std::string_view target) const
{
    return fmt::format("http://127.0.0.1:{}{}", port_, target);
}

Command WebServer::command() const
{
    const auto folder = folder_.path().native();
    Command command;
    command.output = folder_.path() / "output";
    if (kind_ == WebServerKind::nginx) {
        command.arguments = {"nginx", "-p", folder, "-c", folder + "/configuration", "-e", folder + "/error.log"};
    } else {
        command.arguments = {"caddy", "run", "--config", folder + "/configuration", "--adapter", "caddyfile"};
        command.environment = {{"HOME", folder}, {"XDG_CONFIG_HOME", folder}, {"XDG_DATA_HOME", folder}};
    }
    return command;
}

/// False: somebody else has the port that was free a moment ago.
bool WebServer::start()
{
    port_ = unused_port();
    folder_.write("configuration", configuration(kind_, folder_.path(), root_, port_));
    process_ = std::make_unique<ChildProcess>(command());
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
        if (answers())
            return true;
        if (process_->wait(poll_interval))
            return false;
    }
    return false;
}

/// It is this server, and no other one on the port, if it knows the name of this folder.
bool WebServer::answers() const
{
    try {
        const auto answer = ask(port_, "GET /.name HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        return answer.ends_with(folder_.path().native());
    } catch (const boost::system::system_error&) {
        return false;
    }
}

std::vector<LoggedRequest> WebServer::requests(std::string_view target) const
{
    std::ifstream log(folder_.path() / "access.log");
    std::vector<LoggedRequest> found;
    for (std::string line; std::getline(log, line) && !log.eof();) { // the last line may still be growing
        auto request = kind_ == WebServerKind::nginx ? read_tabs(line) : read_json(line);
        if (request.target == target)
            found.push_back(std::move(request));
    }
    return found;
}

std::vector<LoggedRequest> WebServer::wait_for_requests(std::string_view target, std::size_t count) const
{
    const auto end = std::chrono::steady_clock::now() + patience;
    auto found = requests(target);
    while (found.size() < count && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(poll_interval);
        found = requests(target);
    }
    return found;
}

std::string ask(std::uint16_t port, std::string_view request)
{
    asio::io_context loop;
    asio::ip::tcp::socket socket(loop);
    socket.connect({asio::ip::address_v4::loopback(), port});
    asio::write(socket, asio::buffer(request));
    std::string answer;
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(answer), end);
    return answer;
}

} // namespace furiosa::test
