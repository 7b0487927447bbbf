import { contestants, counts, type Plan } from '@sotto/benchmark/plan'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { type Choice, ChoiceCards } from '../../ui/choice-cards.tsx'
import { Actions, Form } from '../../ui/form.tsx'

const sizeChoices: readonly Choice<'100' | '1024'>[] = [
  { value: '100', title: '100 bytes', text: 'A sentence or two.' },
  { value: '1024', title: '1 KiB', text: 'A long message.' },
]

type Most = '100' | '1000' | '10000' | '100000'
const countChoices: readonly Choice<Most>[] = [
  { value: '100', title: 'Up to 100', text: 'Some seconds, for a first look.' },
  { value: '1000', title: 'Up to 1,000', text: 'Less than a minute.' },
  { value: '10000', title: 'Up to 10,000', text: 'A minute or two.' },
  {
    value: '100000',
    title: 'Up to 100,000',
    text: 'Some minutes. What would take too long is calculated from fewer, and marked.',
  },
]

const ROUNDS = 5
const BUDGET_MS = 400

/** What to measure, and the start. */
export function ChoosePlan({ onStart }: { onStart: (plan: Plan) => void }) {
  const [size, setSize] = useState<'100' | '1024'>('100')
  const [most, setMost] = useState<Most>('1000')
  const start = () =>
    onStart({
      contestants,
      sizes: [Number(size)],
      counts: counts.filter((count) => count <= Number(most)),
      rounds: ROUNDS,
      budgetMs: BUDGET_MS,
    })
  return (
    <Form onSubmit={start}>
      <ChoiceCards legend="Length" choices={sizeChoices} value={size} onChange={setSize} />
      <ChoiceCards legend="Messages" choices={countChoices} value={most} onChange={setMost} />
      <Actions>
        <Button type="submit" look="main">
          Measure
        </Button>
      </Actions>
    </Form>
  )
}
