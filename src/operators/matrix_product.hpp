#pragma once

#include "operators/product_tile.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace furiosa::operators {

/// A matrix in memory: how far apart the elements of neighbouring rows and columns are.
template <class T>
struct Matrix
{
    const T* data;
    std::int64_t row_stride;
    std::int64_t column_stride;

    const T& at(std::int64_t row, std::int64_t column) const
    {
        return data[row * row_stride + column * column_stride];
    }
};

/// Calls `store(row, column, sum)` for every element of the product a · b; sums are float64, or T if that is
/// unsigned.
template <class T, class Store>
void multiply(const Matrix<T>& a, const Matrix<T>& b, std::int64_t rows, std::int64_t columns,
              std::int64_t depth, Store store)
{
    constexpr int tile_rows = 4, tile_columns = 8;
    using Tile = ProductTile<T, tile_rows, tile_columns>;
    std::vector<T> strip(static_cast<std::size_t>(depth * tile_columns)); // columns of b beside each other
    for (std::int64_t column = 0; column < columns; column += tile_columns) {
        const auto width = std::min<std::int64_t>(tile_columns, columns - column);
        for (std::int64_t k = 0; k != depth; ++k)
            for (std::int64_t j = 0; j != width; ++j)
                strip[static_cast<std::size_t>(k * tile_columns + j)] = b.at(k, column + j);
        for (std::int64_t row = 0; row < rows; row += tile_rows) {
            const auto height = std::min<std::int64_t>(tile_rows, rows - row);
            Tile tile;
            typename Tile::Sums sums;
            for (std::int64_t begin = 0; begin < depth; begin += Tile::most_products) {
                for (auto k = begin; k != std::min(begin + Tile::most_products, depth); ++k) {
                    T left[tile_rows];
                    for (int i = 0; i != tile_rows; ++i) // the last row again where there are no more
                        left[i] = a.at(row + std::min<std::int64_t>(i, height - 1), k);
                    tile.add(left, strip.data() + k * tile_columns);
                }
                tile.settle(sums);
            }
            for (std::int64_t i = 0; i != height; ++i)
                for (std::int64_t j = 0; j != width; ++j)
                    store(row + i, column + j, sums.at[i][j]);
        }
    }
}

} // namespace furiosa::operators
