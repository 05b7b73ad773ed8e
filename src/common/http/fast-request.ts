import { maxHeaderSize } from 'node:http';

/** A request that is plain in every byte: what it means needs no more than this file to find out. */
export interface FastRequest {
  readonly method: string;
  /** As it came: path and query. */
  readonly url: string;
  readonly path: string;
  /** Without its question mark; empty where there is none. */
  readonly query: string;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  /** The caller's own, if it sent one. */
  readonly requestId: string | undefined;
  /** Whether the caller wants the connection to stay. */
  readonly keepAlive: boolean;
  readonly body: Buffer;
  /** Of the whole request: where the next one begins. */
  readonly bytes: number;
}

/** Head and body together; a request that is larger is not worth the hurry. */
export const MOST_FAST_BYTES = Math.min(16 * 1024, maxHeaderSize);

export const INCOMPLETE = Symbol('INCOMPLETE');

// Nothing encoded, nothing that a router would have to normalise.
const REQUEST_LINE = /(GET|POST) ((\/[\w./-]*)(?:\?([\w.~=&,%+-]*))?) HTTP\/1\.1\r\n/y;
// The blanks around a value are trimmed later: two runs of them side by side would take quadratic time to match.
const FIELD = /([A-Za-z0-9-]+):([\t -~]*)\r\n/y;

/** Node's HTTP server drops the headers of a request after the thousandth. */
const MOST_FIELDS = 100;

/** What these ask for is Node's HTTP server's to decide, or (`Prefer`) the framework's. */
const SPECIAL = new Set([
  'transfer-encoding',
  'content-encoding',
  'trailer',
  'expect',
  'upgrade',
  'http2-settings',
  'proxy-connection',
  'prefer',
]);

interface Fields {
  host?: string;
  accept?: string;
  connection?: string;
  'content-length'?: string;
  'content-type'?: string;
  'x-request-id'?: string;
}
type FieldName = keyof Fields;
const KNOWN: ReadonlySet<string> = new Set<FieldName>([
  'host',
  'accept',
  'connection',
  'content-length',
  'content-type',
  'x-request-id',
]);

/**
 * The request that `bytes` begin with. INCOMPLETE where the rest of its body is yet to come. Undefined for whatever is
 * out of the ordinary, wrong or not, such as a head that comes in pieces: the grammar here is a small part of HTTP's, so
 * that no two readers can differ on what it means.
 */
export function readFastRequest(bytes: Buffer): FastRequest | typeof INCOMPLETE | undefined {
  const text = bytes.toString('latin1', 0, MOST_FAST_BYTES);
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;

  REQUEST_LINE.lastIndex = 0;
  const line = REQUEST_LINE.exec(text);
  if (line === null) return undefined;
  const fields = readFields(text, REQUEST_LINE.lastIndex, end + 2);
  if (fields === undefined) return undefined;

  const [, method, url, path, query = ''] = line;
  const { accept, 'content-type': contentType, 'x-request-id': requestId } = fields;
  const connection = fields.connection?.toLowerCase() ?? 'keep-alive';
  if (connection !== 'keep-alive' && connection !== 'close') return undefined;
  const length = bodyLength(method, fields['content-length']);
  const start = end + 4;
  if (length === undefined || start + length > MOST_FAST_BYTES) return undefined;
  if (bytes.length < start + length) return INCOMPLETE;
  return {
    method,
    url,
    path,
    query,
    accept,
    contentType,
    requestId,
    keepAlive: connection === 'keep-alive',
    body: bytes.subarray(start, start + length),
    bytes: start + length,
  };
}

/** The fields from `start` to `end` that matter. Undefined where one is special, comes twice, or is not plain, and where there are many. */
function readFields(text: string, start: number, end: number): Fields | undefined {
  const fields: Fields = {};
  let count = 0;
  for (FIELD.lastIndex = start; FIELD.lastIndex < end;) {
    const field = FIELD.exec(text);
    if (field === null || ++count > MOST_FIELDS) return undefined;
    const name = field[1].toLowerCase();
    if (KNOWN.has(name)) {
      if (fields[name as FieldName] !== undefined) return undefined;
      fields[name as FieldName] = field[2].trim();
    } else if (SPECIAL.has(name)) return undefined;
  }
  return fields.host === undefined ? undefined : fields;
}

function bodyLength(method: string, contentLength: string | undefined): number | undefined {
  if (method === 'GET') return contentLength === undefined ? 0 : undefined;
  return contentLength !== undefined && /^\d{1,5}$/.test(contentLength) ? Number(contentLength) : undefined;
}
