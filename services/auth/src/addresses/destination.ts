import type { EmailAddress } from './email-address.ts'
import type { PhoneNumber } from './phone-number.ts'

interface Addresses {
  phone: PhoneNumber
  email: EmailAddress
}
/** How a code reaches a person. */
export type Channel = keyof Addresses
export type AddressOn<C extends Channel> = Addresses[C]

/** Where a code is sent. */
export type Destination =
  | { readonly channel: 'phone'; readonly address: PhoneNumber }
  | { readonly channel: 'email'; readonly address: EmailAddress }
