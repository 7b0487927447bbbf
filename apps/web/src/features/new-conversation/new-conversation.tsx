import { t } from '@lingui/core/macro'
import type { FoundPerson } from '@sotto/sdk'
import { useState } from 'react'
import { Bar } from '../../layout/bar.tsx'
import { ColumnPage } from '../../layout/column-page.tsx'
import { home, hrefOf } from '../../routes.ts'
import { ChooseProtocol } from './choose-protocol.tsx'
import { FindPerson } from './find-person.tsx'

/** First the person to message, then the conversation's protocol. */
export function NewConversation() {
  const [person, setPerson] = useState<FoundPerson | null>(null)
  return (
    <ColumnPage bar={<Bar title={t`New conversation`} back={hrefOf(home)} />}>
      {person ? (
        <ChooseProtocol person={person} onBack={() => setPerson(null)} />
      ) : (
        <FindPerson onChoose={setPerson} />
      )}
    </ColumnPage>
  )
}
