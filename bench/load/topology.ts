/** A running Sotto of whatever shape, as the load generator sees it. */
export interface Topology extends AsyncDisposable {
  readonly name: TopologyName
  /** Without a slash at the end. */
  readonly origin: string
  /** The roots of all process trees of the server side: services, PostgreSQL, RabbitMQ, NGINX. */
  pids(): readonly number[]
  /** The processes that hold a device's connection, each alone. */
  connectionPids(): Promise<readonly number[]>
  /** The next one-time code for a phone number. */
  codeFor(contact: string): Promise<string>
  /** Of a role that may do everything in the database that holds the schema `chat`. */
  databaseUrl(): Promise<string>
}

export type TopologyName = 'all-in-one' | 'cluster'
