import { flag, list, wholeNumber } from '@sotto/service-runtime'
import { SignUpMode } from '@sotto/wire'
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max'
import { z } from 'zod'
import { authLimits, type Budgets } from './limits.ts'

/** The variables about whom this server serves, and how much it spends on that. */
export const policyVariables = {
  SIGN_UP: z.enum(SignUpMode.options, 'must be open, invitation or closed').optional(),
  MEMBERS_INVITE: flag.default(false),
  DEFAULT_COUNTRY: z
    .custom<CountryCode>((code) => isSupportedCountry(`${code}`), 'must be a country code like DE')
    .optional(),
  PHONE_PREFIXES: list
    .pipe(z.array(z.string().regex(/^\+[1-9]\d{0,14}$/, 'must be prefixes like +49,+43')))
    .optional(),
  SMS_PER_HOUR: wholeNumber(1, 1_000_000_000, 200).default(authLimits.smsHourly.points),
  SMS_PER_DAY: wholeNumber(1, 1_000_000_000, 1_000).default(authLimits.smsDaily.points),
  LOOK_UPS_PER_DAY: wholeNumber(1, 1_000_000_000, 20_000).default(authLimits.lookUpDaily.points),
}

/** The operator's policy for strangers. */
export interface AuthPolicy extends Budgets {
  /** Who may create an account. Everyone by default; in production it must be set explicitly. */
  readonly signUp?: SignUpMode | undefined
  /** Whether members may invite others, unless no one may create an account. */
  readonly membersInvite?: boolean | undefined
  /** The country of phone numbers without a country code. */
  readonly defaultCountry?: CountryCode | undefined
  /** Codes are sent to numbers with one of these prefixes; to all if undefined. */
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
