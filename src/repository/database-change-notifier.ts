import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.js';
import { ChangeNotifier } from './change-notifier.js';

const CHANNEL = 'kriged_models';

/** By NOTIFY. */
export class DatabaseChangeNotifier extends ChangeNotifier {
  /** Own messages come back. */
  readonly #self = randomUUID();

  constructor(private readonly database: Database) {
    super();
  }

  override announce(): void {
    this.database.notifications.send(CHANNEL, [this.#self]).catch(() => undefined);
  }

  override async listen(onChange: () => void): Promise<void> {
    await this.database.notifications.listen(CHANNEL, {
      onMessage: (from) => {
        if (from !== this.#self) onChange();
      },
      onGap: onChange,
    });
  }
}
