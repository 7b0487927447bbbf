/** A running Sotto of either topology, as the load generator sees it. */
export interface Topology extends AsyncDisposable {
  readonly name: TopologyName
  /** Without a trailing slash. */
  readonly origin: string
  /** The roots of all process trees of the server side: services, PostgreSQL, RabbitMQ, NGINX. */
  pids(): readonly number[]
  /** The processes that hold a device's connection, without their descendants. */
  connectionPids(): Promise<readonly number[]>
  /** The next one-time code for a phone number. */
  codeFor(contact: string): Promise<string>
  /** For a role with full access to the database with the schema `chat`. */
  databaseUrl(): Promise<string>
}

export type TopologyName = 'all-in-one' | 'cluster'
