// How a matrix product covers its rows with tiles. Instantiated with the caller's own lambdas alone, so each
// file keeps its own copy, compiled for its own instructions.
#pragma once

namespace odordiff::nn {

template <int R>
struct Rows {
  static constexpr int value = R;
};

// Calls tile(Rows<R>, first row) for the last `left` <= R rows.
template <int R, class Tile>
inline void rest_of_rows(int left, int row, Tile tile) {
  if constexpr (R > 0) {
    if (left == R) {
      tile(Rows<R>(), row);
    } else {
      rest_of_rows<R - 1>(left, row, tile);
    }
  }
}

// Covers all rows with tiles of `Most` rows. A rest of one or two rows takes some of the last full tile: a
// tile of so few rows would wait for its own sums.
template <int Most, class Tile>
inline void for_row_tiles(int rows, Tile tile) {
  int row = 0;
  for (; rows - row >= Most + 3 || rows - row == Most; row += Most) tile(Rows<Most>(), row);
  const int left = rows - row;
  if (left > Most) {
    tile(Rows<(Most + 2) / 2>(), row);
    rest_of_rows<(Most + 2) / 2>(left - (Most + 2) / 2, row + (Most + 2) / 2, tile);
  } else {
    rest_of_rows<Most>(left, row, tile);
  }
}

}  // namespace odordiff::nn
