import type { EmailAddress } from './email-address.ts'
import type { PhoneNumber } from './phone-number.ts'

interface Addresses {
  phone: PhoneNumber
  email: EmailAddress
}
/** The channel through which a code reaches a person. */
export type Channel = keyof Addresses
export type AddressOn<C extends Channel> = Addresses[C]

/** The address that a code is sent to. */
export type Destination =
  | { readonly channel: 'phone'; readonly address: PhoneNumber }
  | { readonly channel: 'email'; readonly address: EmailAddress }
