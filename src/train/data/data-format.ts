import { detectBody, detectFile, type FileFormat } from '../../common/media/detect.js';

/** What training data may be sent as. */
export type DataFormat = FileFormat | 'parquet';

const PARQUET_MAGIC = Buffer.from('PAR1', 'latin1');
const PARQUET_TYPES = ['application/vnd.apache.parquet', 'application/x-parquet', 'application/parquet'];

/** Of a body that is the data: by its Content-Type, and by its first bytes where that says nothing. */
export function bodyFormat(contentType: string | undefined, head: Buffer): DataFormat | undefined {
  if (isParquet(contentType, head)) return 'parquet';
  const format = detectBody(contentType, head);
  return format === 'form' ? undefined : format;
}

/** Of a file: by its first bytes, then by its name, then by the type its sender gave it. */
export function fileFormat(
  fileName: string | undefined,
  contentType: string | undefined,
  head: Buffer,
): DataFormat | undefined {
  return isParquet(contentType, head) ? 'parquet' : detectFile(fileName, contentType, head);
}

function isParquet(contentType: string | undefined, head: Buffer): boolean {
  const type = contentType?.split(';')[0].trim().toLowerCase() ?? '';
  return head.subarray(0, PARQUET_MAGIC.length).equals(PARQUET_MAGIC) || PARQUET_TYPES.includes(type);
}
