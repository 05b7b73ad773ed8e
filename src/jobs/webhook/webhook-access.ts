import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config, ConfigError } from '../../common/config/config.js';

/** Which hosts the operator lets the server tell of jobs. */
@Injectable()
export class WebhookAccess implements OnModuleInit {
  constructor(private readonly config: Config) {}

  /** Throws ConfigError: a receiver could not tell an unsigned message from a forged one. */
  onModuleInit(): void {
    const { webhookHosts, webhookSecret } = this.config;
    if (webhookHosts.length > 0 && webhookSecret === undefined) {
      throw new ConfigError('WEBHOOK_SECRET', '', 'a secret, because WEBHOOK_HOSTS names hosts');
    }
  }

  get isOn(): boolean {
    return this.config.webhookHosts.length > 0;
  }

  /** What is expected instead of this URL; undefined where it is allowed. */
  refusal(text: string): string | undefined {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
      return 'an http or https URL without user name and password';
    }
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const allowed = [`${url.hostname}:${port}`, url.hostname].some((host) =>
      this.config.webhookHosts.includes(host),
    );
    return allowed ? undefined : 'a URL on a host that the operator allows (WEBHOOK_HOSTS)';
  }
}
