import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * What a device keeps of a log-in, and shows when it asks to log in with the same address again: limits
 * that strangers have used up do not hold it back. It proves nothing else. (OWASP calls it a device cookie.)
 */
export function newKnownDevice(pepper: string, address: string): string {
  const id = randomBytes(16).toString('base64url')
  return `${id}.${macOf(pepper, address, id)}`
}

/** The id of a known device; undefined when `shown` was not given out for this address. */
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
