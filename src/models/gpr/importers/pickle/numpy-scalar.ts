import type { PickleBytes } from './lazy-values.js';
import type { DType } from './numpy-dtype.js';
import { numbersOf } from './float64-conversion.js';
import { PickleError } from './pickle-error.js';
import { exactInteger, GlobalRef, PickleInstance, type PickleValue } from './pickle-values.js';

const GENERIC = new GlobalRef('numpy', 'generic');

/** A numpy scalar that is no plain number, such as a date or a complex number: kept, not interpreted. */
export class NumpyScalar extends PickleInstance {
  constructor(
    readonly dtype: DType,
    readonly payload: PickleBytes,
  ) {
    super(GENERIC);
  }

  /** The boolean or number that it stands for, else itself. 64-bit integers beyond 2^53 become bigint. */
  plain(): PickleValue {
    const { dtype } = this;
    if (!dtype.isNumeric) return this;
    const bytes = this.payload.toBytes(dtype.itemSize);
    if (dtype.kind === 'b') return bytes[0] !== 0;
    if (dtype.itemSize === 8 && dtype.kind !== 'f') return integerOf(dtype, bytes);
    return numbersOf(dtype, bytes)[0];
  }

  override attribute(): undefined {
    return undefined;
  }

  protected override restore(): void {
    throw new PickleError('bad-call', 'a state for a numpy scalar, which has none');
  }
}

function integerOf(dtype: DType, bytes: Uint8Array<ArrayBuffer>): number | bigint {
  const view = new DataView(bytes.buffer);
  const little = !dtype.bigEndian;
  return exactInteger(dtype.kind === 'i' ? view.getBigInt64(0, little) : view.getBigUint64(0, little));
}
