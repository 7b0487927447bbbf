/** A name as text, kept apart from the direction of what stands around it. */
export function PersonName({ name }: { name: string }) {
  return <bdi>{name}</bdi>
}
