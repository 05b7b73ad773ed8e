import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { Matrix } from '../numeric/linalg/matrix.js';

/** What a client has seen of the function that a model stands for, and what is to be made of it. */
export interface Observations {
  /** N x d, columns in the order of the model's inputs. */
  readonly X: Matrix;
  /** N x p, in the outputs' own units. */
  readonly Y: Matrix;
  /** The version that they are to be added to: refused where it is not the latest any more. */
  readonly baseVersion?: string;
  /** Moves to the new version. */
  readonly alias?: string;
}

/** SHA-256 of the numbers, and of all that was said. */
export function digestsOf({ X, Y, baseVersion, alias }: Observations): { data: string; request: string } {
  const data = createHash('sha256').update(littleEndian(X)).update(littleEndian(Y)).digest('hex');
  const said = [data, X.rows, X.cols, Y.cols, baseVersion ?? null, alias ?? null];
  return { data, request: sha256(JSON.stringify(said)) };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function littleEndian({ data }: Matrix): Buffer {
  const bytes = Buffer.from(Float64Array.from(data).buffer);
  return endianness() === 'BE' ? bytes.swap64() : bytes;
}
