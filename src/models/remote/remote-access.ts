import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config, ConfigError } from '../../common/config/config.js';
import { JsonSchema } from '../../common/schema/json-schema.js';
import { ModelFileError } from '../model-errors.js';
import { ModelFile } from '../model-file.js';
import { readSpec } from '../spec-file.js';

const TOKENS = new JsonSchema<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string', pattern: '^[\\x20-\\x7e]+$' },
});

/** Which servers the operator lets models lie on, and what the server shows them to be let in. */
@Injectable()
export class RemoteAccess implements OnModuleInit {
  /** By `host` or `host:port`: the value of the Authorization header. */
  #tokens: ReadonlyMap<string, string> = new Map();

  constructor(private readonly config: Config) {}

  /** Throws ConfigError. */
  async onModuleInit(): Promise<void> {
    const path = this.config.remoteTokens;
    if (path === undefined) return;
    try {
      const tokens = await readSpec(new ModelFile(path), TOKENS);
      this.#tokens = new Map(Object.entries(tokens).map(([host, token]) => [host.toLowerCase(), token]));
    } catch (error) {
      if (!(error instanceof ModelFileError)) throw error;
      // The message could quote a token.
      throw new ConfigError('REMOTE_TOKENS', path, 'a YAML or JSON file of one text a host');
    }
  }

  /** The address of another server. Throws ModelFileError where it is none, or is not allowed. */
  allowed(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
      throw new ModelFileError(
        'url is expected to be http://host or https://host, with port and path if need be.',
      );
    }
    if (url.username !== '' || url.password !== '') {
      throw new ModelFileError(
        'url holds a user name or password: the operator sets these in REMOTE_TOKENS.',
      );
    }
    if (!keysOf(url).some((key) => this.config.remoteHosts.includes(key))) {
      const key = JSON.stringify(keysOf(url)[0]);
      throw new ModelFileError(
        `This server does not ask others that it is not told to: the operator adds ${key} to REMOTE_HOSTS to allow it.`,
      );
    }
    return url;
  }

  authorization(url: URL): string | undefined {
    const key = keysOf(url).find((candidate) => this.#tokens.has(candidate));
    return key === undefined ? undefined : this.#tokens.get(key);
  }
}

/** `host:port`, with the scheme's own port where none is named, and `host`. */
function keysOf({ hostname, port, protocol }: URL): string[] {
  return [`${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`, hostname];
}
