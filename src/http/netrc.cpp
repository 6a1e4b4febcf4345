#include "http/netrc.hpp"

#include <algorithm>

namespace furiosa::http {

namespace {

class Words
{
public:
    explicit Words(std::string_view text) : rest_(text) {}

    /// Empty at the end; a quoted word may be empty too, which no file means.
    std::string next()
    {
        for (;;) {
            rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
            if (!rest_.starts_with('#'))
                break;
            skip_past("\n");
        }
        return rest_.starts_with('"') ? quoted() : plain();
    }

    void skip_macro() { skip_past("\n\n"); }

private:
    void skip_past(std::string_view mark)
    {
        const auto at = rest_.find(mark);
        rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + mark.size());
    }

    std::string plain()
    {
        const auto word = rest_.substr(0, rest_.find_first_of(" \t\r\n"));
        rest_.remove_prefix(word.size());
        return std::string(word);
    }

    std::string quoted()
    {
        std::string word;
        rest_.remove_prefix(1);
        while (!rest_.empty() && rest_.front() != '"') {
            if (rest_.front() == '\\' && rest_.size() > 1)
                rest_.remove_prefix(1);
            word += rest_.front();
            rest_.remove_prefix(1);
        }
        if (!rest_.empty())
            rest_.remove_prefix(1);
        return word;
    }

    std::string_view rest_;
};

} // namespace

std::optional<NetrcEntry> find_in_netrc(std::string_view text, std::string_view host)
{
    Words words(text);
    bool applies = false;
    std::optional<NetrcEntry> found;
    for (auto word = words.next(); !word.empty(); word = words.next()) {
        if (word == "machine" || word == "default") {
            if (found)
                break;
            applies = word == "default" || words.next() == host;
            if (applies)
                found.emplace();
        } else if (word == "login") {
            const auto login = words.next();
            if (applies)
                found->login = login;
        } else if (word == "password") {
            const auto password = words.next();
            if (applies)
                found->password = password;
        } else if (word == "account") {
            words.next();
        } else if (word == "macdef") {
            words.skip_macro();
        }
    }
    return found;
}

} // namespace furiosa::http
