#include "cli/table.hpp"

#include "model/terminal_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace furiosa::cli {

Table::Table(std::vector<std::string> headings)
{
    for (auto& heading : headings) {
        at_right_.push_back(heading.starts_with('>'));
        if (at_right_.back())
            heading.erase(0, 1);
    }
    add(std::move(headings));
}

void Table::add(std::vector<std::string> cells)
{
    for (auto& cell : cells)
        cell = model::printable(cell);
    rows_.push_back(std::move(cells));
}

std::string Table::text() const
{
    std::vector<std::size_t> widths(at_right_.size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i != row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i != row.size(); ++i)
            line += at_right_[i] ? fmt::format("{:>{}}  ", row[i], widths[i]) : fmt::format("{:<{}}  ", row[i], widths[i]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

} // namespace furiosa::cli
