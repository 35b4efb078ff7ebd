// The sections of a Markdown text, by its headings. Knows nothing else of Markdown.
import type { Section } from './section.js';
import { SectionCollector } from './section.js';

const headingPattern = /^ {0,3}(?<marks>#{1,6})\s+(?<title>.*?)\s*#*\s*$/u;
const fencePattern = /^ {0,3}(?<fence>`{3,}|~{3,})/u;

/** Lines that begin with `#` inside of code are no headings. */
export function markdownSections(text: string): readonly Section[] {
  const collector = new SectionCollector();
  let fence: string | undefined;
  for (const line of text.split(/\r\n|\n|\r/u)) {
    const mark = fencePattern.exec(line)?.groups?.['fence'];
    if (fence !== undefined) {
      if (mark !== undefined && mark.startsWith(fence)) fence = undefined;
      collector.line(line);
      continue;
    }
    fence = mark;
    const { marks, title } = headingPattern.exec(line)?.groups ?? {};
    if (marks === undefined || title === undefined) collector.line(line);
    else collector.heading(marks.length, title);
  }
  return collector.sections();
}
