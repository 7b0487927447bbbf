import type { z } from 'zod'

type Shape = z.ZodType

/** One HTTP endpoint. Its method, path and schemas are defined here and nowhere else. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Fastify's path syntax: `/users/:accountId`. */
  readonly path: string
  /**
   * Who may call the endpoint at all; the service applies finer rules. `account` is a session whose
   * device has proven that it belongs to the account. `log-in` is any session, including that of a
   * person who only had a code. `operator` is accepted on the internal listener only.
   */
  readonly access: 'anyone' | 'log-in' | 'account' | 'operator'
  readonly params?: Shape
  readonly query?: Shape
  readonly body?: Shape
  readonly response: Shape
}

/** Keeps an endpoint's literal types, so that callers and routes are typed from it. */
export const endpoint = <const E extends Endpoint>(definition: E): E => definition
