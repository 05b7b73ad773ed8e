import { readNpy } from '../../common/media/npy.js';
import { readNpz } from '../../common/media/npz.js';
import type { Task } from '../../common/pool/task.js';
import type { TrainingData } from '../../models/trainer.js';
import { npyTable, npzData } from './array-data.js';
import { readCsvTable } from './csv-table.js';
import type { DataFormat } from './data-format.js';
import { readJsonData } from './json-data.js';
import { readNaming } from './naming.js';
import { readParquetTable } from './parquet-table.js';
import { type DataTable, nameData, splitTable } from './table.js';

export interface ReadDataInput {
  readonly format: DataFormat;
  readonly body: Uint8Array;
  /** What the request says beside the data, from its query and form. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Most that it may unpack to. */
  readonly maxBytes: number;
}

export interface ReadData {
  readonly data: TrainingData;
  /** All settings but those that name columns; those of a JSON document win. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Makes training data of a body. Throws InvalidInputError, MalformedBodyError, BodyTooLargeError. */
async function readData({
  format,
  body: bytes,
  settings: given,
  maxBytes,
}: ReadDataInput): Promise<ReadData> {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const json = format === 'json' ? readJsonData(body) : undefined;
  const { naming, settings } = readNaming({ ...given, ...json?.settings });
  if (json?.pair) {
    const { X, Y, inputNames, outputNames } = json.pair;
    return {
      data: nameData(
        { X, Y },
        { ...(inputNames && { inputNames }), ...(outputNames && { outputNames }), ...naming },
      ),
      settings,
    };
  }
  if (format === 'npz') return { data: nameData(npzData(readNpz(body, { maxBytes })), naming), settings };
  const table = json?.table ?? (await readTable(format, body, maxBytes));
  return { data: splitTable(table, naming), settings };
}

function readTable(format: DataFormat, body: Buffer, maxBytes: number): DataTable | Promise<DataTable> {
  if (format === 'npy') return npyTable(readNpy(body, Math.floor(maxBytes / Float64Array.BYTES_PER_ELEMENT)));
  return format === 'parquet' ? readParquetTable(body, maxBytes) : readCsvTable(body);
}

/** Reads training data on a worker, so that requests go on meanwhile. Its matrices come as plain objects. */
export const readDataTask: Task<ReadDataInput, ReadData> = {
  name: 'train.read-data',
  run: readData,
  transfer: ({ data: { X, Y } }) =>
    [...new Set([X.data.buffer, Y.data.buffer])].filter((buffer) => buffer instanceof ArrayBuffer),
};
