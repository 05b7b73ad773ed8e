/** Where a model came from. Every part is optional, and kept as it is when the model is saved again. */
export interface Provenance {
  /** What trained it: `GPy`. */
  readonly library?: string;
  /** Versions of it and of what it used: `{GPy: "1.15.0", numpy: "2.4.6"}`. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The file format it was read from. */
  readonly sourceFormat?: string;
  readonly sourceSha256?: string;
  /** The program that wrote the file. */
  readonly exporter?: string;
  /** SHA-256 of the data it was trained on: all inputs, then all outputs, row by row, as little-endian doubles. */
  readonly dataSha256?: string;
  /** The settings that it was trained with, its seed among them. */
  readonly training?: Readonly<Record<string, unknown>>;
  /** When, in ISO 8601. */
  readonly created?: string;
  /** The observations that made it of another version. */
  readonly observed?: ObservedProvenance;
}

export interface ObservedProvenance {
  /** SHA-256 of the file of the version that they were added to. */
  readonly parentSha256: string;
  /** How many rows. */
  readonly points: number;
  /** SHA-256 of their numbers: inputs, then outputs, row by row, as little-endian doubles. */
  readonly dataSha256: string;
  /** SHA-256 of the idempotency key of the request, and of what else it said. */
  readonly keySha256?: string;
  readonly requestSha256?: string;
}
