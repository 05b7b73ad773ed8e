import { Injectable } from '@nestjs/common';
import type { JobType } from './job-type.js';

/** The kinds of jobs there are: each is registered by the module that owns it. */
@Injectable()
export class JobTypes {
  readonly #types = new Map<string, JobType>();

  register(type: JobType): void {
    this.#types.set(type.name, type);
  }

  find(name: string): JobType | undefined {
    return this.#types.get(name);
  }
}
