/** What a file or a request body holds. */
export type FileFormat = 'json' | 'csv' | 'npy' | 'npz';

const NPY_MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const ZIP_MAGIC = Buffer.from('PK\x03\x04', 'latin1');
const EMPTY_ZIP_MAGIC = Buffer.from('PK\x05\x06', 'latin1');

const TYPES: ReadonlyMap<string, FileFormat> = new Map([
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['text/csv', 'csv'],
  ['application/csv', 'csv'],
  ['application/npy', 'npy'],
  ['application/x-npy', 'npy'],
  ['application/x-npz', 'npz'],
  ['application/zip', 'npz'],
  ['application/x-zip-compressed', 'npz'],
]);

const EXTENSIONS: ReadonlyMap<string, FileFormat> = new Map([
  ['csv', 'csv'],
  ['txt', 'csv'],
  ['json', 'json'],
  ['npy', 'npy'],
  ['npz', 'npz'],
]);

/**
 * The format of a request body, by its Content-Type; by its first bytes where that is missing or says only "bytes".
 * `form` is a URL-encoded form, unless it starts as JSON does: that is `curl -d '{...}'`, which says "form" unasked.
 * Undefined for any other type, and for a charset that is not UTF-8 (415).
 */
export function detectBody(contentType: string | undefined, body: Buffer): FileFormat | 'form' | undefined {
  if (contentType === undefined || contentType.trim() === '') return byMagic(body) ?? 'json';
  const type = parseContentType(contentType);
  if (type === undefined) return undefined;
  if (type === 'application/octet-stream') return byMagic(body) ?? (startsAsJson(body) ? 'json' : undefined);
  if (type === 'application/x-www-form-urlencoded') return startsAsJson(body) ? 'json' : 'form';
  return byType(type);
}

/** The format that a Content-Type names for certain, whatever the body is. */
export function namedFormat(contentType: string | undefined): FileFormat | undefined {
  const type = contentType === undefined ? undefined : parseContentType(contentType);
  return type === undefined ? undefined : byType(type);
}

/**
 * The format of an uploaded file: by its first bytes (`head`), then by the extension of its name, then by the type its
 * sender gave it, and at last by whether it starts as JSON does. Undefined when none of them tells.
 */
export function detectFile(
  filename: string | undefined,
  contentType: string | undefined,
  head: Buffer,
): FileFormat | undefined {
  const extension = /\.([a-z]+)$/i.exec(filename ?? '')?.[1]?.toLowerCase();
  const type = contentType === undefined ? undefined : parseContentType(contentType);
  return (
    byMagic(head) ??
    (extension === undefined ? undefined : EXTENSIONS.get(extension)) ??
    (type === undefined ? undefined : byType(type)) ??
    (startsAsJson(head) ? 'json' : undefined)
  );
}

function byMagic(bytes: Buffer): FileFormat | undefined {
  if (bytes.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) return 'npy';
  const start = bytes.subarray(0, ZIP_MAGIC.length);
  return start.equals(ZIP_MAGIC) || start.equals(EMPTY_ZIP_MAGIC) ? 'npz' : undefined;
}

function byType(type: string): FileFormat | undefined {
  return TYPES.get(type) ?? (/^[\w.-]+\/[\w.-]+\+json$/.test(type) ? 'json' : undefined);
}

/** The type without its parameters, in lower case; undefined when its charset is not one we read. */
function parseContentType(contentType: string): string | undefined {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const readable = charset === undefined || /^charset="?(?:utf-?8|us-ascii)"?$/.test(charset);
  return readable ? type : undefined;
}

/** Whether the first byte that is neither blank nor byte order mark opens an object or an array. */
function startsAsJson(bytes: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?[ \t\r\n]*[{[]/.test(bytes.toString('latin1', 0, 1024));
}
