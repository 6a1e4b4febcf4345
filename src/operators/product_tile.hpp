#pragma once

#include <cstdint>
#include <type_traits>

namespace furiosa::operators {

/// A block of a matrix product that fits in registers: `rows` x `columns` sums of products. A local variable
/// of the loop that adds to it, or the compiler leaves it in memory.
///
/// Integers are given as unsigned, so that they wrap around. Sums of float32 are added up in float64 from
/// time to time: hundreds of terms lose little, and the products stay in single precision, where registers
/// hold twice as many.
template <class T, int rows, int columns>
class ProductTile
{
public:
    /// Where the sums end up.
    struct Sums
    {
        std::conditional_t<std::is_same_v<T, float>, double, T> at[rows][columns] = {};
    };

    /// How many products may be added between two calls of `settle`.
    static constexpr std::int64_t most_products = 256;

    /// Adds the products of a column of one factor and a row of the other.
    void add(const T (&left)[rows], const T* right)
    {
        for (int i = 0; i != rows; ++i)
            for (int j = 0; j != columns; ++j)
                partial_[i][j] += left[i] * right[j];
    }

    /// Adds what there is to the sums, and begins anew.
    void settle(Sums& sums)
    {
        for (int i = 0; i != rows; ++i)
            for (int j = 0; j != columns; ++j) {
                sums.at[i][j] += partial_[i][j];
                partial_[i][j] = 0;
            }
    }

private:
    T partial_[rows][columns] = {};
};

} // namespace furiosa::operators
