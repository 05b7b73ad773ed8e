import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { sendPieces, writePieces } from './send-pieces.js';

const PIECE = Buffer.alloc(256 * 1024, 7);
const COUNT = 200;

describe('sendPieces', () => {
  let made = 0;
  let sent: Promise<void>;
  const server = createServer((_request, response) => {
    function* pieces(): Generator<Uint8Array> {
      for (made = 0; made < COUNT; made++) yield PIECE;
    }
    sent = sendPieces(response, { pieces: pieces(), byteLength: COUNT * PIECE.length });
  });

  const ask = async (): Promise<IncomingMessage> => {
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
    const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response.pause();
  };
  /** What was made when nothing more is made for a while. */
  const madeAtRest = async (): Promise<number> => {
    for (let before = -1; before !== made; await setTimeout(100)) before = made;
    return made;
  };

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('waits for a client that does not read, and then sends it all', async () => {
    const response = await ask();
    const atRest = await madeAtRest();
    expect(atRest).toBeGreaterThan(0);
    expect(atRest).toBeLessThan(COUNT);
    let bytes = 0;
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await once(response.resume(), 'end');
    await sent;
    expect(bytes).toBe(COUNT * PIECE.length);
  });

  it('makes no more for a client that is gone', async () => {
    const response = await ask();
    const atRest = await madeAtRest();
    response.destroy();
    await sent;
    expect(made).toBeLessThanOrEqual(atRest + 1);
  });
});

describe('writePieces', () => {
  it.each([1, 2 ** 20])(
    'lets others have their turn between pieces: room for %i bytes',
    async (highWaterMark) => {
      // Takes each piece within the turn in which it was written.
      const taking = new Writable({
        highWaterMark,
        write: (_piece, _encoding, done) => process.nextTick(done),
      });
      let turn = 0;
      let immediate = setImmediate(function next() {
        turn += 1;
        immediate = setImmediate(next);
      });
      const turns = new Set<number>();
      function* pieces(): Generator<Uint8Array> {
        for (let i = 0; i < 20; i += 1) {
          turns.add(turn);
          yield PIECE;
        }
      }
      await writePieces(taking, pieces(), (piece) => taking.write(piece));
      clearImmediate(immediate);
      expect(turns.size).toBeGreaterThanOrEqual(19);
    },
  );
});
