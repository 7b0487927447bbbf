const words: Readonly<Record<string, string>> = {
  account_not_found: 'There is no account with this id.',
  invitation_not_found: 'There is no invitation with this id.',
  forbidden: 'This account is being removed. What is gone of it does not come back.',
  bad_signature:
    'The account has published other keys since that day. What was kept does not fit them, and its devices would refuse it.',
  unauthenticated:
    'The service knows another token. Use the ADMIN_TOKEN it was started with, or start the command again.',
  not_found:
    'The service has no routes for the operator: it runs without ADMIN_TOKEN, or is of a version before.',
  unavailable: 'The service cannot do this right now: its database or its broker is away.',
  channel_closed: 'No codes are sent this way: MAIL_SENDER or SMS_SENDER says how they go out.',
  invalid_email: 'This is not an e-mail address.',
  invalid_phone: 'This is not a phone number. Write it with its country code.',
  phone_not_served:
    'No codes go to this number: PHONE_PREFIXES leaves it out, or it may cost anything.',
}

/** What a refusal of the server means. */
export const refusalWords = (code: string): string =>
  words[code] ?? `The server refused this: ${code}.`
