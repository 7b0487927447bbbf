import type { z } from 'zod'

type Shape = z.ZodType

/** One HTTP endpoint: the only place where its method, path and schemas are written. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Fastify's path syntax: `/users/:accountId`. */
  readonly path: string
  /**
   * Who may call it at all; finer rules are the service's. `account` is a session whose device has proven that it
   * belongs to the account; `log-in` is any session, also one of somebody who only has a code. The operator calls
   * on the internal listener only.
   */
  readonly access: 'anyone' | 'log-in' | 'account' | 'operator'
  readonly params?: Shape
  readonly query?: Shape
  readonly body?: Shape
  readonly response: Shape
}

/** Keeps the literal types of an endpoint, so that callers and routes are typed from it. */
export const endpoint = <const E extends Endpoint>(definition: E): E => definition
