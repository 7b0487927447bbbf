import type { FoundPerson } from '@sotto/sdk'
import { useState } from 'react'
import { home, hrefOf } from '../../routes.ts'
import { Bar } from '../frame/bar.tsx'
import { ChooseProtocol } from './choose-protocol.tsx'
import { FindPerson } from './find-person.tsx'
import styles from './new-conversation.module.css'

/** First whom to write to, then how the conversation is to be protected. */
export function NewConversation() {
  const [person, setPerson] = useState<FoundPerson | null>(null)
  return (
    <main className={styles.page}>
      <Bar title="New conversation" back={hrefOf(home)} />
      <div className={styles.scroller}>
        <div className={styles.column}>
          {person ? (
            <ChooseProtocol person={person} onBack={() => setPerson(null)} />
          ) : (
            <FindPerson onChoose={setPerson} />
          )}
        </div>
      </div>
    </main>
  )
}
