#include "device/cpu/activation_avx512.hpp"
#include "device/cpu/winograd/kernels.hpp"

// Compiled for AVX-512: see vector_avx512.hpp.

namespace furiosa::device::cpu {

const WinogradKernels* winograd_kernels_avx512(int tile) noexcept;

namespace {

constexpr int most_tiles = 12; // of one multiplication: with 32 channels they fill the registers

// One-dimensional transforms of values that lie `step` apart.

template <int Tile>
inline void transform_source(const Vector* d, int step, Vector* result, int result_step)
{
    if constexpr (Tile == 2) {
        result[0] = d[0] - d[2 * step];
        result[result_step] = d[step] + d[2 * step];
        result[2 * result_step] = d[2 * step] - d[step];
        result[3 * result_step] = d[3 * step] - d[step];
    } else {
        const Vector even = d[4 * step] - 4.0f * d[2 * step];
        const Vector odd = d[3 * step] - 4.0f * d[step];
        const Vector even2 = d[4 * step] - d[2 * step];
        const Vector odd2 = 2.0f * (d[3 * step] - d[step]);
        result[0] = 4.0f * d[0] - 5.0f * d[2 * step] + d[4 * step];
        result[result_step] = even + odd;
        result[2 * result_step] = even - odd;
        result[3 * result_step] = even2 + odd2;
        result[4 * result_step] = even2 - odd2;
        result[5 * result_step] = 4.0f * d[step] - 5.0f * d[3 * step] + d[5 * step];
    }
}

template <int Tile>
inline void transform_products(const Vector* m, int step, Vector* result, int result_step)
{
    const Vector sum = m[step] + m[2 * step];
    const Vector difference = m[step] - m[2 * step];
    if constexpr (Tile == 2) {
        result[0] = m[0] + sum;
        result[result_step] = difference + m[3 * step];
    } else {
        const Vector sum2 = m[3 * step] + m[4 * step];
        const Vector difference2 = m[3 * step] - m[4 * step];
        result[0] = m[0] + sum + sum2;
        result[result_step] = difference + 2.0f * difference2;
        result[2 * result_step] = sum + 4.0f * sum2;
        result[3 * result_step] = difference + 8.0f * difference2 + m[5 * step];
    }
}

/// Where a tile is in its image.
struct Place
{
    std::int64_t image, y, x;

    Place(const WinogradShape& shape, std::int64_t tile)
    {
        const auto columns = (shape.out_width + shape.tile - 1) / shape.tile;
        const auto rows = (shape.out_height + shape.tile - 1) / shape.tile;
        image = tile / (rows * columns);
        y = tile / columns % rows * shape.tile;
        x = tile % columns * shape.tile;
    }
};

/// The pixels of a tile, zeros around the image.
template <int Tile>
inline void load_tile(const WinogradShape& shape, const float* image, std::int64_t top, std::int64_t left,
                      Mask channels, Vector* pixels)
{
    constexpr int extent = Tile + 2;
    const auto& strides = shape.source;
    const bool inside =
        top >= 0 && left >= 0 && top + extent <= shape.in_height && left + extent <= shape.in_width;
    for (int y = 0; y != extent; ++y)
        for (int x = 0; x != extent; ++x) {
            const bool there = inside || (top + y >= 0 && top + y < shape.in_height && left + x >= 0 &&
                                          left + x < shape.in_width);
            const auto offset = (top + y) * strides.row + (left + x) * strides.pixel;
            pixels[y * extent + x] = there ? load(image + offset, channels) : Vector{};
        }
}

template <int Tile>
void transform_sources(const WinogradShape& shape, const ImageTensors& tensors, const WinogradRange& range,
                       std::int64_t begin, std::int64_t end)
{
    constexpr int extent = Tile + 2;
    const auto channels = whole_blocks(shape.in_channels);
    for (auto tile = begin; tile != end; ++tile) {
        const Place place(shape, range.first_tile + tile);
        const float* const image = tensors.source + place.image * shape.source.image;
        for (std::int64_t channel = 0; channel != channels; channel += winograd_block) {
            Vector pixels[extent * extent], columns[extent * extent];
            load_tile<Tile>(shape, image + channel, place.y - shape.pad_top, place.x - shape.pad_left,
                            first(shape.in_channels - channel), pixels);
#pragma GCC unroll 6
            for (int x = 0; x != extent; ++x)
                transform_source<Tile>(pixels + x, extent, columns + x, extent);
            float* const to = range.transformed + tile * channels + channel;
#pragma GCC unroll 6
            for (int y = 0; y != extent; ++y) {
                Vector row[extent];
                transform_source<Tile>(columns + y * extent, 1, row, 1);
                for (int x = 0; x != extent; ++x)
                    store(to + (y * extent + x) * range.transformed_place, row[x]);
            }
        }
    }
}

/// products[Tiles][16 Vectors] = transformed[Tiles][depth] * weights[depth][16 Vectors], all in registers.
template <int Tiles, int Vectors>
void multiply_tiles(const float* transformed, std::int64_t depth, const float* weights, float* products,
                    std::ptrdiff_t products_step)
{
    Vector sums[Tiles][Vectors] = {};
    for (std::int64_t k = 0; k != depth; ++k) {
        Vector row[Vectors];
        for (int v = 0; v != Vectors; ++v)
            row[v] = load(weights + (k * Vectors + v) * 16);
#pragma GCC unroll 16
        for (int tile = 0; tile != Tiles; ++tile) {
            const Vector factor = broadcast(transformed[tile * depth + k]);
#pragma GCC unroll 2
            for (int v = 0; v != Vectors; ++v)
                sums[tile][v] += factor * row[v];
        }
    }
    for (int tile = 0; tile != Tiles; ++tile)
        for (int v = 0; v != Vectors; ++v)
            store(products + tile * products_step + v * 16, sums[tile][v]);
}

using MultiplyTiles = void (*)(const float*, std::int64_t, const float*, float*, std::ptrdiff_t);

template <int Vectors>
constexpr MultiplyTiles multiply_some[most_tiles + 1] = {
    nullptr,
    multiply_tiles<1, Vectors>,
    multiply_tiles<2, Vectors>,
    multiply_tiles<3, Vectors>,
    multiply_tiles<4, Vectors>,
    multiply_tiles<5, Vectors>,
    multiply_tiles<6, Vectors>,
    multiply_tiles<7, Vectors>,
    multiply_tiles<8, Vectors>,
    multiply_tiles<9, Vectors>,
    multiply_tiles<10, Vectors>,
    multiply_tiles<11, Vectors>,
    multiply_tiles<12, Vectors>,
};

void multiply(const WinogradShape& shape, const ImageTensors& tensors, const WinogradRange& range,
              std::int64_t begin, std::int64_t end)
{
    const auto inputs = whole_blocks(shape.in_channels);
    const auto outputs = whole_blocks(shape.out_channels);
    const auto parts = (range.tiles + most_tiles - 1) / most_tiles; // of about the same size
    for (auto place = begin; place != end; ++place) {
        const float* const weights = tensors.weights + place * inputs * outputs;
        const float* const transformed = range.transformed + place * range.transformed_place;
        float* const products = range.products + place * range.products_place;
        for (std::int64_t channel = 0; channel < outputs; channel += winograd_panel) {
            const auto& kernels = outputs - channel >= winograd_panel ? multiply_some<2> : multiply_some<1>;
            for (std::int64_t part = 0; part != parts; ++part) {
                const auto from = range.tiles * part / parts;
                const auto to = range.tiles * (part + 1) / parts;
                kernels[to - from](transformed + from * inputs, inputs, weights + channel * inputs,
                                   products + from * outputs + channel, outputs);
            }
        }
    }
}

/// Bias, residual and activation of the pixels of a tile, as far as they lie in the image.
template <int Tile>
inline void finish_tile(const WinogradShape& shape, const ImageTensors& tensors, const Place& place,
                        std::int64_t channel, const Vector* pixels)
{
    const auto mask = first(shape.out_channels - channel);
    const Vector bias = tensors.bias ? load(tensors.bias + channel, mask) : Vector{};
    const auto offset = [&](const PixelStrides& strides, std::int64_t y, std::int64_t x) {
        return place.image * strides.image + y * strides.row + x * strides.pixel + channel;
    };
    for (auto y = place.y; y < place.y + Tile && y < shape.out_height; ++y)
        for (auto x = place.x; x < place.x + Tile && x < shape.out_width; ++x) {
            Vector value = pixels[(y - place.y) * Tile + (x - place.x)] + bias;
            if (tensors.residual)
                value += load(tensors.residual + offset(shape.residual, y, x), mask);
            value = activate(shape.activation, value);
            store(tensors.destination + offset(shape.destination, y, x), value, mask);
        }
}

template <int Tile>
void transform_all_products(const WinogradShape& shape, const ImageTensors& tensors,
                            const WinogradRange& range, std::int64_t begin, std::int64_t end)
{
    constexpr int extent = Tile + 2;
    const auto channels = whole_blocks(shape.out_channels);
    for (auto tile = begin; tile != end; ++tile) {
        const Place place(shape, range.first_tile + tile);
        for (std::int64_t channel = 0; channel != channels; channel += winograd_block) {
            const float* const from = range.products + tile * channels + channel;
            Vector columns[Tile * extent], pixels[Tile * Tile];
#pragma GCC unroll 6
            for (int x = 0; x != extent; ++x) {
                Vector column[extent];
                for (int y = 0; y != extent; ++y)
                    column[y] = load(from + (y * extent + x) * range.products_place);
                transform_products<Tile>(column, 1, columns + x, extent);
            }
#pragma GCC unroll 4
            for (int y = 0; y != Tile; ++y)
                transform_products<Tile>(columns + y * extent, 1, pixels + y * Tile, 1);
            finish_tile<Tile>(shape, tensors, place, channel, pixels);
        }
    }
}

} // namespace

const WinogradKernels* winograd_kernels_avx512(int tile) noexcept
{
    static constexpr WinogradKernels two{transform_sources<2>, multiply, transform_all_products<2>};
    static constexpr WinogradKernels four{transform_sources<4>, multiply, transform_all_products<4>};
    return tile == 2 ? &two : &four;
}

} // namespace furiosa::device::cpu
