import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A token that a device stores after a log-in and presents when it next logs in with the same
 * address: limits that strangers have exhausted do not block it. It proves nothing else. (OWASP
 * calls it a device cookie.)
 */
export function newKnownDevice(pepper: string, address: string): string {
  const id = randomBytes(16).toString('base64url')
  return `${id}.${macOf(pepper, address, id)}`
}

/** The id of a known device; undefined if `shown` was not issued for this address. */
export function knownDeviceId(
  pepper: string,
  address: string,
  shown: string | undefined,
): string | undefined {
  const [id = '', mac = ''] = shown?.split('.') ?? []
  const [given, right] = [Buffer.from(mac), Buffer.from(macOf(pepper, address, id))]
  return given.length === right.length && timingSafeEqual(given, right) ? id : undefined
}

function macOf(pepper: string, address: string, id: string): string {
  return createHmac('sha256', pepper).update(`known device\0${address}\0${id}`).digest('base64url')
}
