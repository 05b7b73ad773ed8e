import type { Rows } from './rows.ts';

/**
 * How rows go in and answers come out.
 *
 *   row        one JSON object in, two numbers out
 *   json       {"inputs": [[...], ...]} in, JSON out
 *   mean-only  the same, and only the mean comes out
 *   csv, npy   a file uploaded by a form in, JSON out
 *   npy-npy    an .npy body in, an .npy body out
 */
export type Format = 'row' | 'json' | 'mean-only' | 'csv' | 'npy' | 'npy-npy';

/** A POST request; where there are several bodies, a load tool takes them in turn. */
export interface BenchRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: readonly Buffer[];
}

const BOUNDARY = 'kriged-bench-boundary';
const JSON_HEADERS = { 'Content-Type': 'application/json' };

/** The same bytes for every server: only `path` differs. */
export function buildRequest(format: Format, path: string, rows: Rows): BenchRequest {
  switch (format) {
    case 'row': {
      const bodies = Array.from({ length: rows.count }, (_, i) =>
        Buffer.from(JSON.stringify(rows.toObject(i))),
      );
      return { path, headers: JSON_HEADERS, bodies };
    }
    case 'json':
      return { path, headers: JSON_HEADERS, bodies: [matrixBody(rows)] };
    case 'mean-only':
      return { path: `${path}?meanOnly=true`, headers: JSON_HEADERS, bodies: [matrixBody(rows)] };
    case 'csv':
      return upload(path, 'rows.csv', Buffer.from(rows.toCsv()));
    case 'npy':
      return upload(path, 'rows.npy', rows.toNpy());
    case 'npy-npy': {
      const headers = { 'Content-Type': 'application/x-npy', Accept: 'application/x-npy' };
      return { path, headers, bodies: [rows.toNpy()] };
    }
  }
}

function matrixBody(rows: Rows): Buffer {
  return Buffer.from(JSON.stringify({ inputs: rows.toLists() }));
}

function upload(path: string, filename: string, content: Buffer): BenchRequest {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
  return { path, headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` }, bodies: [body] };
}
