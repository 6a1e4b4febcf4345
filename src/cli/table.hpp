#pragma once

#include <string>
#include <vector>

namespace furiosa::cli {

/// Columns for people, as wide as what is in them.
class Table
{
public:
    /// A heading that begins with '>' is over numbers, which stand at the right.
    explicit Table(std::vector<std::string> headings);

    void add(std::vector<std::string> cells);
    /// With a line of headings; the cells have no control characters.
    std::string text() const;

private:
    std::vector<bool> at_right_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace furiosa::cli
