/** Query points, row-major. */
export class Rows {
  readonly names: readonly string[];
  readonly data: Float64Array;

  constructor(names: readonly string[], data: Float64Array) {
    this.names = names;
    this.data = data;
  }

  get count(): number {
    return this.data.length / this.names.length;
  }

  first(count: number): Rows {
    return new Rows(this.names, this.data.subarray(0, count * this.names.length));
  }

  row(index: number): number[] {
    return Array.from(this.data.subarray(index * this.names.length, (index + 1) * this.names.length));
  }

  toLists(): number[][] {
    return Array.from({ length: this.count }, (_, i) => this.row(i));
  }

  toObject(index: number): Record<string, number> {
    return Object.fromEntries(this.row(index).map((value, i) => [this.names[i], value]));
  }

  toCsv(): string {
    return `${this.names.join()}\n${this.toLists().join('\n')}\n`;
  }

  /** Format 1.0 of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
  toNpy(): Buffer {
    const shape = `(${this.count}, ${this.names.length})`;
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }`;
    const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n';
    const prefix = Buffer.from(`\x93NUMPY\x01\x00\0\0${padded}`, 'latin1');
    prefix.writeUInt16LE(padded.length, 8);
    return Buffer.concat([prefix, Buffer.from(this.data.buffer, this.data.byteOffset, this.data.byteLength)]);
  }
}
