import { Matrix } from '../../numeric/linalg/matrix.js';
import type { OptionalMethod } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import type { VariableSpec } from '../spec-variables.js';
import { asList, asObject, asText, readArray, wrongAnswer } from './answer-values.js';
import type { RemoteClient } from './remote-client.js';
import { type Connection, type RemoteProtocol, rowsFor } from './remote-protocol.js';
import type { RemoteSpec } from './remote-spec.js';

const MOST_COLUMNS = 10_000;
const NUMBERS = /^(FP(16|32|64)|U?INT(8|16|32|64))$/;

/** A tensor whose first axis is the rows, and whose columns are variables of the model. */
interface Tensor {
  readonly name: string;
  readonly datatype: string;
  /** Of one row. */
  readonly shape: readonly number[];
  readonly columns: number;
  /** Whether the first axis is 1, and not any number of rows. */
  readonly oneRow: boolean;
}

/** The Open Inference Protocol (V2), with JSON tensors: KServe, MLServer, Triton. */
export const openInference: RemoteProtocol = {
  title: 'Open Inference Protocol',

  async connect(client, spec, signal) {
    const version = spec.version === undefined ? '' : `/versions/${encodeURIComponent(spec.version)}`;
    const path = `/v2/models/${encodeURIComponent(spec.model)}${version}`;
    const { inputs, outputs } = asObject(await client.json({ path, values: 0 }, signal), 'the model');
    return new OpenInferenceConnection(
      client,
      `${path}/infer`,
      tensors(inputs, 'inputs', spec.inputs),
      tensors(outputs, 'outputs', spec.outputs),
      spec.config,
    );
  },
};

class OpenInferenceConnection implements Connection {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly supports: ReadonlySet<OptionalMethod> = new Set();
  readonly facts = {};
  readonly #oneRow: boolean;

  constructor(
    private readonly client: RemoteClient,
    private readonly path: string,
    private readonly inputTensors: readonly Tensor[],
    private readonly outputTensors: readonly Tensor[],
    private readonly parameters: RemoteSpec['config'],
  ) {
    this.inputs = inputTensors.flatMap(columnNames);
    this.outputs = outputTensors.flatMap(columnNames);
    this.#oneRow = [...inputTensors, ...outputTensors].some(({ oneRow }) => oneRow);
  }

  rowsPerCall(): number {
    return this.#oneRow ? 1 : rowsFor(this.inputs.length + this.outputs.length);
  }

  async predict(X: Matrix, _options: PredictOptions, signal: AbortSignal): Promise<Prediction> {
    let at = 0;
    const inputs = this.inputTensors.map(({ name, datatype, shape, columns }) => {
      const data: number[] = [];
      for (let i = 0; i < X.rows; i++) data.push(...X.row(i).subarray(at, at + columns));
      at += columns;
      return { name, datatype, shape: [X.rows, ...shape], data };
    });
    const { parameters } = this;
    const outputs = this.outputTensors.filter(({ name }) => name !== '').map(({ name }) => ({ name }));
    const body = Buffer.from(
      JSON.stringify({ inputs, ...(outputs.length > 0 && { outputs }), ...(parameters && { parameters }) }),
    );
    const values = X.rows * this.outputs.length;
    const answer = asObject(await this.client.json({ path: this.path, body, values }, signal), 'the answer');
    return { mean: this.#read(asList(answer.outputs, 'outputs'), X.rows) };
  }

  #read(received: unknown[], rows: number): Matrix {
    const p = this.outputs.length;
    const mean = Matrix.zeros(rows, p);
    const found = received.map((tensor, k) => asObject(tensor, `outputs[${k}]`));
    let at = 0;
    for (const { name, columns } of this.outputTensors) {
      // A server that does not say what its outputs are called has one.
      const tensor = name === '' ? found[0] : found.find((candidate) => candidate.name === name);
      const path = name === '' ? 'outputs[0]' : `output ${name}`;
      if (!tensor) throw wrongAnswer(`${path} is missing`);
      const data = readTensor(tensor, rows * columns, path);
      for (let i = 0; i < rows; i++) mean.row(i).set(data.subarray(i * columns, (i + 1) * columns), at);
      at += columns;
    }
    return mean;
  }
}

/** The data may be flat, or nested as its shape says. */
function readTensor(
  { data, shape, datatype }: Record<string, unknown>,
  length: number,
  path: string,
): Float64Array {
  if (!NUMBERS.test(String(datatype))) throw wrongAnswer(`${path} does not hold numbers`);
  const axes = asList(shape, `${path}.shape`).map(Number);
  if (axes.reduce((product, axis) => product * axis, 1) !== length) {
    throw wrongAnswer(`${path} has a shape of (${axes.join(', ')}), expected ${length} numbers`);
  }
  const flat = Array.isArray(data) && !Array.isArray(data[0]);
  return readArray(data, flat ? [length] : axes, path);
}

/** `named`: names that the model file gives, which tell how many columns a tensor has that does not tell it itself. */
function tensors(value: unknown, path: string, named: readonly VariableSpec[] | undefined): Tensor[] {
  const list = value === undefined ? [] : asList(value, path);
  if (list.length === 0) {
    if (!named) throw wrongAnswer(`it does not tell its ${path}: the model file has to name them`);
    const name = path === 'inputs' ? 'input' : '';
    return [{ name, datatype: 'FP64', shape: [named.length], columns: named.length, oneRow: false }];
  }
  return list.map((item, k) => {
    const where = `${path}[${k}]`;
    const { name, datatype, shape } = asObject(item, where);
    if (!NUMBERS.test(String(datatype))) throw wrongAnswer(`${where} does not hold numbers`);
    const [rows = -1, ...axes] = asList(shape, `${where}.shape`).map(Number);
    if (rows !== -1 && rows !== 1)
      throw wrongAnswer(`the first axis of ${where} is ${rows}, expected -1 or 1`);
    const open = axes.indexOf(-1);
    if (open >= 0 && (axes.length > 1 || list.length > 1 || !named)) {
      throw wrongAnswer(`${where} does not tell its number of columns: the model file has to name them`);
    }
    const rowShape = open >= 0 ? [named?.length ?? 0] : axes;
    const columns = rowShape.reduce((product, axis) => product * axis, 1);
    if (!Number.isSafeInteger(columns) || columns < 1 || columns > MOST_COLUMNS) {
      throw wrongAnswer(`${where} has a shape that is not of 1 to ${MOST_COLUMNS} columns`);
    }
    return {
      name: asText(name, `${where}.name`),
      datatype: String(datatype),
      shape: rowShape,
      columns,
      oneRow: rows === 1,
    };
  });
}

function columnNames({ name, columns }: Tensor): string[] {
  const stem = name === '' ? 'y' : name;
  return columns === 1 ? [stem] : Array.from({ length: columns }, (_, j) => `${stem}${j + 1}`);
}
