import type { PasswordPort } from '@sotto/sdk'

/** One step of OPAQUE that the page asks of the worker. */
export interface PasswordCall {
  readonly call: number
  readonly step: keyof PasswordPort
  readonly args: readonly string[]
}

/** What the worker answers; a failure carries no reason, because there is none to tell. */
export type PasswordAnswer =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly failed: true }
