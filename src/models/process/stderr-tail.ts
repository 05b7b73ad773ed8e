import { StringDecoder } from 'node:string_decoder';

const TAIL_CHARACTERS = 64 * 1024;
const LINE_CHARACTERS = 8 * 1024;

/** What a process says on standard error: told line by line as it comes, and its end kept; both in bounded memory. */
export class StderrTail {
  #text = '';
  #line = '';
  readonly #decoder = new StringDecoder('utf8');

  constructor(private readonly onLine?: (line: string) => void) {}

  push(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** The last line may lack its break. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#line !== '') this.#tell('');
  }

  /** The end of what came, at most 64 Ki characters. */
  get text(): string {
    return this.#text;
  }

  #take(text: string): void {
    this.#text = (this.#text + text).slice(-TAIL_CHARACTERS);
    const [first, ...rest] = text.split(/\r?\n/);
    let open = first;
    for (const next of rest) {
      this.#tell(open);
      open = next;
    }
    this.#line = (this.#line + open).slice(0, LINE_CHARACTERS);
  }

  #tell(end: string): void {
    this.onLine?.((this.#line + end).slice(0, LINE_CHARACTERS));
    this.#line = '';
  }
}
