import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const BEGIN = '<!-- generated: begin -->';
const END = '<!-- generated: end -->';

/** Replaces what stands between the two marks of a document. Throws where they are missing. */
export async function writeDocs(file: string, text: string): Promise<void> {
  const document = readFileSync(file, 'utf8');
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} lacks the lines ${BEGIN} and ${END}.`);
  const whole = `${document.slice(0, begin + BEGIN.length)}\n\n${text}\n${document.slice(end)}`;
  writeFileSync(file, await format(whole, { ...(await resolveConfig(file)), filepath: file }));
}
