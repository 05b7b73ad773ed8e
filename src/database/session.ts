/** Prepared once on each connection, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Row = Record<string, unknown>;

/** Runs statements: a connection of the pool for each, or the one of a transaction. */
export interface Session {
  query(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}
