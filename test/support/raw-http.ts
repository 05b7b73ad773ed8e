import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** All that came. */
  readonly raw: string;
}

/** Sends bytes as they are down a connection of their own, and reads until the server closes it. */
export function exchange(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let raw = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    });
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => (raw += part));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head, text = ''] = raw.split(/\r\n\r\n(.*)/s);
      const [line, ...fields] = head.split('\r\n');
      const headers = Object.fromEntries(
        fields.map((field) => {
          const colon = field.indexOf(':');
          return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)] as const;
        }),
      );
      resolve({ status: Number(line.split(' ')[1]), headers, text, raw });
    });
  });
}
