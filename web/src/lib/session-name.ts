// Names a new session: the day, so that lists read well, and letters that no other session has.

const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Such as `2026-11-28-k7wq3m`. Uses no `randomUUID`, which plain HTTP from another machine does not have. */
export function newSessionName(now: Date, fill: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const bytes = fill(new Uint8Array(6));
  const ending = Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return `${day}-${ending}`;
}
