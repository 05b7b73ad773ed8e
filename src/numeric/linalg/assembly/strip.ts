// A strip is four columns of a panel. Those at its right edge that are not four, and those of a wide panel whose rows
// lie far apart, are packed into working memory (rows x 4) and copied back.

/** Panels up to this width are worked on where they are: a row of eight strips is four lines of cache. */
export const WIDEST_IN_PLACE: usize = 32;

export const STRIP_BYTES: usize = 32;

/** packed (rows x 4) := columns [0, width) of a matrix with `ld` bytes a row; zeros beyond. */
export function packStrip(from: usize, ld: usize, rows: usize, width: usize, packed: usize): void {
  if (width >= 4) {
    for (; rows != 0; rows--) {
      v128.store(packed, v128.load(from));
      v128.store(packed, v128.load(from, 16), 16);
      from += ld;
      packed += STRIP_BYTES;
    }
    return;
  }
  for (; rows != 0; rows--) {
    store<f64>(packed, load<f64>(from));
    store<f64>(packed, width > 1 ? load<f64>(from, 8) : 0.0, 8);
    store<f64>(packed, width > 2 ? load<f64>(from, 16) : 0.0, 16);
    store<f64>(packed, 0.0, 24);
    from += ld;
    packed += STRIP_BYTES;
  }
}

/** The way back. */
export function unpackStrip(packed: usize, rows: usize, width: usize, to: usize, ld: usize): void {
  if (width >= 4) {
    for (; rows != 0; rows--) {
      v128.store(to, v128.load(packed));
      v128.store(to, v128.load(packed, 16), 16);
      to += ld;
      packed += STRIP_BYTES;
    }
    return;
  }
  for (; rows != 0; rows--) {
    store<f64>(to, load<f64>(packed));
    if (width > 1) store<f64>(to, load<f64>(packed, 8), 8);
    if (width > 2) store<f64>(to, load<f64>(packed, 16), 16);
    to += ld;
    packed += STRIP_BYTES;
  }
}

/** How many columns from `column` on are to be worked on together: all that lie in place, or one strip to be packed. */
export function inPlaceColumns(column: usize, columns: usize): usize {
  return columns <= WIDEST_IN_PLACE && columns - column >= 4 ? (columns - column) & ~3 : 0;
}
