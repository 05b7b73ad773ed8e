import { Injectable } from '@nestjs/common';
import type { JobType } from './job-type.js';

/** The kinds of long work that this server does. Their owners' modules register them. */
@Injectable()
export class JobTypes {
  readonly #types = new Map<string, JobType>();

  register(type: JobType): void {
    if (this.#types.has(type.name)) throw new Error(`There are two job types "${type.name}".`);
    this.#types.set(type.name, type);
  }

  get(name: string): JobType | undefined {
    return this.#types.get(name);
  }

  get all(): JobType[] {
    return [...this.#types.values()];
  }
}
