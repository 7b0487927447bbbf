/** A phone number or email address in a form that may be logged: `+49…78`, `a…@…`. */
export function maskAddress(address: string): string {
  return address.includes('@')
    ? `${address.slice(0, 1)}…@…`
    : `${address.slice(0, 3)}…${address.slice(-2)}`
}
