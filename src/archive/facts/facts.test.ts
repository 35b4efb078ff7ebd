import { expect, test } from 'vitest';
import type { Archive } from '../archive.js';
import { eachStore } from '../../../test/support/each-store.js';
import type { FullItem } from '../recall/results.js';

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();

async function factsAbout(archive: Archive, question: string): Promise<readonly FullItem[]> {
  const found = await archive.recall(question, { kinds: ['fact'], at: day(300) });
  return found.map(({ item }) => item);
}

eachStore((store) => {
  test('a fact knows the episode it came from', async () => {
    const archive = await store.archive();
    const told = await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann', time: day(1) });
    expect(told.facts).toHaveLength(1);
    const [fact] = await factsAbout(archive, 'Where does Ann live?');
    expect(fact).toMatchObject({
      text: 'Ann lives in Lyon',
      sources: [told.id],
      fact: { subject: 'Ann', attribute: 'home', value: 'Lyon', negated: false, validFrom: day(1) },
    });
  });

  test('a newer fact closes the interval of the older and comes first', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann', time: day(1) });
    await archive.remember({ text: 'I have just moved to Nantes.', speaker: 'Ann', time: day(20) });
    const [newer, older] = await factsAbout(archive, 'Where does Ann live?');
    expect(newer?.fact).toMatchObject({ value: 'Nantes', validFrom: day(20) });
    expect(newer?.fact?.validTo).toBeUndefined();
    expect(older?.fact).toMatchObject({ value: 'Lyon', validFrom: day(1), validTo: day(20) });
  });

  test('what is told later about an earlier time does not replace what is newer', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'I live in Nantes.', speaker: 'Ann', time: day(20) });
    await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann', time: day(1) });
    const [first, second] = await factsAbout(archive, 'Where does Ann live?');
    expect(first?.fact).toMatchObject({ value: 'Nantes' });
    expect(second?.fact).toMatchObject({ value: 'Lyon', validTo: day(20) });
  });

  test('what a person likes can be many things, until they say no', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: 'I love jazz.', speaker: 'Ann', time: day(1) },
      { text: 'I love opera.', speaker: 'Ann', time: day(2) },
      { text: "I don't like jazz any more.", speaker: 'Ann', time: day(3) },
    ]);
    const likes = await factsAbout(archive, 'What does Ann like? jazz opera');
    const held = likes.filter(({ fact }) => fact?.validTo === undefined).map(({ text }) => text);
    expect(held.sort()).toEqual(['Ann does not like jazz', 'Ann likes opera']);
    expect(likes.find(({ text }) => text === 'Ann likes jazz')?.fact?.validTo).toBe(day(3));
  });

  test('a correction takes over what was said wrong', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'My sister lives in Oslo.', speaker: 'Ann', time: day(1) });
    await archive.remember({ text: "No, it's Bergen, not Oslo.", speaker: 'Ann', time: day(1) });
    const [now] = await factsAbout(archive, "Where does Ann's sister live?");
    expect(now).toMatchObject({
      text: "Ann's sister lives in Bergen",
      fact: { attribute: 'home', value: 'Bergen' },
    });
  });

  test('corrections within one message and one batch follow each other', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: 'My sister lives in Oslo. Sorry, not Oslo but Bergen.', speaker: 'Ann', time: day(1) },
      { text: 'Not Bergen, Narvik.', speaker: 'Ann', time: day(2) },
    ]);
    await archive.remember({ text: 'I meant Bodø, not Narvik.', speaker: 'Ann', time: day(3) });
    const facts = await archive.facts({ at: day(300), closed: true });
    expect(facts.map(({ text, fact }) => [text, fact?.validTo])).toEqual([
      ["Ann's sister lives in Oslo", day(1)],
      ["Ann's sister lives in Bergen", day(2)],
      ["Ann's sister lives in Narvik", day(3)],
      ["Ann's sister lives in Bodø", undefined],
    ]);
  });

  test('a correction leaves a subject that has the name of the value', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'I love Tea.', speaker: 'Tea', time: day(1) });
    await archive.remember({ text: 'Not Tea, Coffee.', speaker: 'Tea', time: day(2) });
    const facts = await archive.facts({ at: day(300) });
    expect(facts.map(({ text }) => text)).toEqual(['Tea likes Coffee']);
  });

  test('the same fact told again gains a source, not a copy', async () => {
    const archive = await store.archive();
    const one = await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann', session: 'a' });
    const two = await archive.remember({
      text: 'You know that I live in Lyon, do you not.',
      speaker: 'Ann',
      session: 'b',
    });
    const facts = await factsAbout(archive, 'Where does Ann live?');
    expect(facts).toHaveLength(1);
    expect(facts[0]?.sources).toEqual([one.id, two.id]);
  });

  test('facts of different speakers do not touch each other', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann' });
    await archive.remember({ text: 'I live in Nantes.', speaker: 'Bob' });
    const facts = await factsAbout(archive, 'Who lives where? Ann Bob');
    expect(facts.map(({ fact }) => [fact?.value, fact?.validTo]).sort()).toEqual([
      ['Lyon', undefined],
      ['Nantes', undefined],
    ]);
  });

  test('Chinese facts are found, replaced and recalled', async () => {
    const archive = await store.archive();
    await archive.remember({ text: '我住在上海。', speaker: '小王', time: day(1) });
    await archive.remember({ text: '我上个月搬到了成都。', speaker: '小王', time: day(60) });
    const [now, before] = await factsAbout(archive, '小王住在哪里？');
    expect(now?.fact).toMatchObject({ value: '成都' });
    expect(before?.fact).toMatchObject({ value: '上海', validTo: day(60) });
  });
});
