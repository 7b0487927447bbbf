import { createHmac, timingSafeEqual } from 'node:crypto'
import type { z } from 'zod'

/**
 * A text that only this server can have created, whatever happened to its database: `PAYLOAD.MAC`,
 * JSON and its HMAC under the pepper. `purpose` prevents one kind from being mistaken for another.
 */
export function makeServerText(pepper: string, purpose: string, payload: object): string {
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return `${text}.${macOf(pepper, purpose, text)}`
}

/** The payload of such a text; undefined if this server did not create it for this purpose. */
export function readServerText<S extends z.ZodType>(
  pepper: string,
  purpose: string,
  given: string,
  schema: S,
): z.output<S> | undefined {
  const [text = '', mac = '', ...more] = given.split('.')
  const [shown, right] = [Buffer.from(mac), Buffer.from(macOf(pepper, purpose, text))]
  const isOurs = shown.length === right.length && timingSafeEqual(shown, right)
  if (!isOurs || more.length > 0) return undefined
  // Another version of this service may have created it.
  return schema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data
}

function macOf(pepper: string, purpose: string, text: string): string {
  return createHmac('sha256', pepper).update(`${purpose}\0${text}`).digest('base64url')
}
