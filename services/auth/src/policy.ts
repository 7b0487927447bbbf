import { flag, list, wholeNumber } from '@sotto/service-runtime'
import { SignUpMode } from '@sotto/wire'
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max'
import { z } from 'zod'
import { authLimits, type Budgets } from './limits.ts'

/** The variables about whom this Sotto serves, and how much of that it pays for. */
export const policyVariables = {
  SIGN_UP: z.enum(SignUpMode.options, 'must be open, invitation or closed').optional(),
  MEMBERS_INVITE: flag.default(false),
  DEFAULT_COUNTRY: z
    .custom<CountryCode>((code) => isSupportedCountry(`${code}`), 'must be a country code like DE')
    .optional(),
  PHONE_PREFIXES: list
    .pipe(z.array(z.string().regex(/^\+[1-9]\d{0,14}$/, 'must be beginnings like +49,+43')))
    .optional(),
  SMS_PER_HOUR: wholeNumber(1, 1_000_000_000, 200).default(authLimits.smsHourly.points),
  SMS_PER_DAY: wholeNumber(1, 1_000_000_000, 1_000).default(authLimits.smsDaily.points),
  LOOK_UPS_PER_DAY: wholeNumber(1, 1_000_000_000, 20_000).default(authLimits.lookUpDaily.points),
}

/** What the operator has decided about strangers. */
export interface AuthPolicy extends Budgets {
  /** Who may make an account; everybody by default, which in production has to be said. */
  readonly signUp?: SignUpMode | undefined
  /** Whether members may invite others, unless nobody may make an account. */
  readonly membersInvite?: boolean | undefined
  /** Phone numbers without a country code are of this country. */
  readonly defaultCountry?: CountryCode | undefined
  /** Codes go to numbers with one of these beginnings; to all when it is undefined. */
  readonly phonePrefixes?: readonly string[] | undefined
}

const Policy = z.object(policyVariables)

export function policyOf(variables: z.output<typeof Policy>): AuthPolicy {
  return {
    signUp: variables.SIGN_UP,
    membersInvite: variables.MEMBERS_INVITE,
    defaultCountry: variables.DEFAULT_COUNTRY,
    phonePrefixes: variables.PHONE_PREFIXES,
    smsPerHour: variables.SMS_PER_HOUR,
    smsPerDay: variables.SMS_PER_DAY,
    lookUpsPerDay: variables.LOOK_UPS_PER_DAY,
  }
}
