import type { PasswordPort } from '@sotto/sdk'

/** One step of OPAQUE that the page requests from the worker. */
export interface PasswordCall {
  readonly call: number
  readonly step: keyof PasswordPort
  readonly args: readonly string[]
}

/** The worker's answer. A failure carries no reason, because there is none to report. */
export type PasswordAnswer =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly failed: true }
