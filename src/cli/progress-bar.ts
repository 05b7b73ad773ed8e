const WIDTH = 30;
const SECOND = 1000;

/** How far a long work is: a bar that grows on a terminal, lines elsewhere. */
export class ProgressBar {
  readonly #begun = performance.now();
  #shown = false;

  constructor(private readonly stream: { readonly isTTY?: boolean; write(text: string): unknown }) {}

  show(done: number, of: number): void {
    const seconds = (performance.now() - this.#begun) / SECOND;
    const left = done > 0 && done < of ? `, ${Math.ceil((seconds / done) * (of - done))} s left` : '';
    const text = `${done} of ${of} searches${left}`;
    if (this.stream.isTTY !== true) {
      this.stream.write(`${text}\n`);
      return;
    }
    const full = Math.round((done / of) * WIDTH);
    this.stream.write(`\r\u001b[K[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${text}`);
    this.#shown = true;
  }

  /** A line that stays. */
  say(line: string): void {
    this.end();
    this.stream.write(`${line}\n`);
  }

  /** Leaves the bar as it is. */
  end(): void {
    if (this.#shown) this.stream.write('\n');
    this.#shown = false;
  }
}
