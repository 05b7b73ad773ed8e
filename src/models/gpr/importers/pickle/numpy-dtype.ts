import { PickleError, quoted } from './pickle-error.js';
import { describe, GlobalRef, PickleInstance, PickleTuple, type PickleValue } from './pickle-values.js';

/** numpy's one-letter kinds: boolean, signed, unsigned, float, complex, object, bytes, text, void, timedelta, datetime. */
export type DTypeKind = 'b' | 'i' | 'u' | 'f' | 'c' | 'O' | 'S' | 'U' | 'V' | 'm' | 'M';

const TYPE_CODE = /^([biufcOSUVmM])(\d{0,9})$/;
const NUMERIC = new Set(['b1', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8']);
const DTYPE = new GlobalRef('numpy', 'dtype');

/** The element type of an array: `dtype('f8', False, True)`, followed by a state with the byte order. */
export class DType extends PickleInstance {
  readonly kind: DTypeKind;
  itemSize: number;
  /** Bytes in one element are in the order of the more significant first. */
  bigEndian = false;

  /** @throws PickleError `bad-array` for a type code that numpy does not write */
  constructor(readonly typeCode: string) {
    super(DTYPE);
    const match = TYPE_CODE.exec(typeCode);
    if (!match) throw new PickleError('bad-array', `${quoted(typeCode)} is no type of array elements`);
    this.kind = match[1] as DTypeKind;
    this.itemSize = this.kind === 'O' ? 8 : Number(match[2]) * (this.kind === 'U' ? 4 : 1);
  }

  /** Whether elements can be turned into 64-bit floats; complex, 80-bit and 128-bit floats, texts and objects cannot. */
  get isNumeric(): boolean {
    return NUMERIC.has(this.typeCode);
  }

  override attribute(): undefined {
    return undefined;
  }

  /** (version, byte order, subarray, names, fields, element size, alignment, flags and more in later versions) */
  protected override restore(state: PickleValue): void {
    const items = state instanceof PickleTuple ? state.items : [];
    const [, order, , , , size] = items;
    if (order !== '<' && order !== '>' && order !== '|' && order !== '=') {
      throw new PickleError(
        'bad-array',
        `a byte order of an element type must be <, >, | or =, got ${describe(order)}`,
      );
    }
    // numpy never writes '=', the order of the machine it runs on; all machines that matter are little-endian.
    this.bigEndian = order === '>';
    if (this.kind !== 'S' && this.kind !== 'U' && this.kind !== 'V') return;
    if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) this.itemSize = size;
  }
}
