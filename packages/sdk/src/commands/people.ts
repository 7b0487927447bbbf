import {
  type AccountId,
  authRequests,
  chatRequests,
  type FoundAccount,
  type PublishedAccount,
  plainPhone,
  shownName,
} from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import type { FoundPerson } from '../api/answers.ts'
import type { Commands } from '../api/commands.ts'
import type { Contacts } from '../contacts/contacts.ts'
import { pictureUrl } from '../published/pictures.ts'
import { verifyAccount } from '../published/verify-account.ts'
import { forEachAtOnce } from '../scheduling/serial.ts'

type PeopleCommands = Pick<
  Commands,
  'findByPhone' | 'findByEmail' | 'listPeople' | 'listBlocked' | 'unblock'
>

const PEOPLE_PAGE = 50

/** Finds people. Looking someone up doesn't pin their key. */
export function peopleCommands(deps: UnlockedContext & { contacts: Contacts }): PeopleCommands {
  const { call } = deps
  const lookUp = async (body: { phone: string } | { email: string }) => {
    const { accountId } = await call(authRequests.lookUp, { body })
    return person(deps, accountId)
  }
  return {
    findByPhone: (phone) => lookUp({ phone: plainPhone(phone) }),
    findByEmail: (email) => lookUp({ email }),
    listPeople: async (name, after) => {
      const query = {
        limit: PEOPLE_PAGE,
        ...(name !== '' && { name }),
        ...(after !== null && { after }),
      }
      const { accounts, next } = await call(chatRequests.listUsers, { query })
      return { people: accounts.map(found), next }
    },
    listBlocked: async () => {
      const { accounts } = await call(chatRequests.listBlocked, {})
      const people = new Map<AccountId, FoundPerson>()
      await forEachAtOnce(accounts, 8, async (id) => {
        people.set(id, await person(deps, id))
      })
      return accounts.flatMap((id) => people.get(id) ?? [])
    },
    unblock: async (accountId) => {
      await call(chatRequests.unblock, { params: { accountId } })
    },
  }
}

/** A person's signed record; the pinned one, if there is one. */
async function person(
  { call, contacts }: UnlockedContext & { contacts: Contacts },
  accountId: AccountId,
): Promise<FoundPerson> {
  const known = contacts.get(accountId)?.current
  const { record, picture } = known ?? (await verified(accountId))
  return { accountId, name: shownName(record.name), picture: pictureUrl(picture) }

  async function verified(id: AccountId) {
    const published: PublishedAccount = await call(chatRequests.getUser, {
      params: { accountId: id },
    })
    return verifyAccount(published, id)
  }
}

function found({ accountId, name, picture }: FoundAccount): FoundPerson {
  return { accountId, name: shownName(name), picture: pictureUrl(picture) }
}
