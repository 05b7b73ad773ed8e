/** Tells the servers that share the models folder that it has changed, sooner than their file systems do. */
export abstract class ChangeNotifier {
  /** Here. Never throws: who is not told finds it by looking. */
  abstract announce(): void;

  /** There. */
  abstract listen(onChange: () => void): Promise<void>;
}

/** For a server alone: its file system tells it. */
export class NoChangeNotifier extends ChangeNotifier {
  override announce(): void {}

  override async listen(): Promise<void> {}
}
